"""Queries of a gallery use the indexes that were made for them."""

from __future__ import annotations

import pytest
from beanie import PydanticObjectId

from models.gallery import NEWEST_FIRST, Filter, Gallery, OrderField
from models.image import Image, ImageState
from models.page import Direction, Window
from tests import albums

pytestmark = pytest.mark.mongo
ORDERS = [field.order(direction) for field in OrderField for direction in Direction]
SIZE = 5


@pytest.fixture(scope="module")
async def crowd(database):
    """The owner of a thousand images: three have a word that is rare."""
    owner_id = PydanticObjectId()
    described = [
        {
            "minute": number,
            "size_bytes": number % 7,
            "filename": f"{number % 5}.jpg",
            "caption": f"summer {'Zebra' if number % 333 == 1 else 'lake'}",
            "tags": ["Grévy"] if number % 333 == 1 else [],
        }
        for number in range(1_000)
    ]
    await albums.keep(owner_id, *described)
    return owner_id


async def explained(gallery, window):
    """How MongoDB reads a page: its stages, and how many keys and documents it looks at."""
    command = {
        "find": Image.Settings.name,
        "filter": gallery.query(window),
        "sort": dict(window.reading.sort),
        "limit": window.size + 1,
    }
    database = Image.get_pymongo_collection().database
    plan = await database.command("explain", command, verbosity="executionStats")
    return plan["queryPlanner"]["winningPlan"], plan["executionStats"]


def stages(plan):
    """Every stage, from the top."""
    yield plan
    for below in [plan["inputStage"]] if "inputStage" in plan else plan.get("inputStages", []):
        yield from stages(below)


async def place(gallery, order, number):
    page = await gallery.page(Window(order, number))
    return order.position(page.items[-1])


@pytest.mark.parametrize("from_end", [False, True])
@pytest.mark.parametrize("order", ORDERS)
async def test_a_page_is_read_from_its_orders_index_without_a_sort(crowd, order, from_end):
    plan, _ = await explained(Gallery(crowd, Filter()), Window(order, SIZE, from_end))

    names = {stage["stage"] for stage in stages(plan)}
    assert names == {"LIMIT", "FETCH", "IXSCAN"}
    assert {stage["indexName"] for stage in stages(plan) if "indexName" in stage} == {
        f"owner_id_1_shelf_1_{order.field}_-1__id_-1_state_1_media_type_1"
    }


@pytest.mark.parametrize("bound", ["after", "before"])
@pytest.mark.parametrize("order", ORDERS)
async def test_a_page_far_from_the_beginning_costs_what_the_first_one_costs(crowd, order, bound):
    gallery = Gallery(crowd, Filter())
    far = await place(gallery, order, 500)

    plan, did = await explained(gallery, Window(order, SIZE, bound == "before", **{bound: far}))

    assert {stage["stage"] for stage in stages(plan)} <= {"LIMIT", "FETCH", "SORT_MERGE", "IXSCAN"}
    assert did["nReturned"] == SIZE + 1
    assert did["totalDocsExamined"] <= SIZE + 3
    assert did["totalKeysExamined"] <= 2 * SIZE


@pytest.mark.parametrize("order", ORDERS)
async def test_a_rare_word_is_found_in_the_index_of_words(crowd, order):
    plan, did = await explained(Gallery(crowd, Filter(search="zeb")), Window(order, SIZE))

    (scan,) = [stage for stage in stages(plan) if stage["stage"] == "IXSCAN"]
    assert scan["indexName"] == "owner_id_1_shelf_1_words_1"
    assert scan["indexBounds"]["words"] == ['["zeb", "zec")', "[/^zeb/, /^zeb/]"]
    assert (did["nReturned"], did["totalKeysExamined"], did["totalDocsExamined"]) == (3, 3, 3)


async def test_a_tag_is_found_in_the_index_of_words(crowd):
    plan, did = await explained(Gallery(crowd, Filter(tags_all=("Grévy",))), Window(NEWEST_FIRST, SIZE))

    (scan,) = [stage for stage in stages(plan) if stage["stage"] == "IXSCAN"]
    assert scan["indexBounds"]["words"] == ['["grevy", "grevy"]']
    assert (did["nReturned"], did["totalDocsExamined"]) == (3, 3)


async def test_what_the_index_tells_is_asked_of_no_image(crowd):
    wanted = Filter(state=ImageState.FAILED, media_types=("image/png",))

    _, did = await explained(Gallery(crowd, wanted), Window(NEWEST_FIRST, SIZE))

    assert (did["nReturned"], did["totalDocsExamined"]) == (0, 0)


@pytest.fixture
async def profile(database):
    """What MongoDB did, as its profiler writes it down."""
    await database.command("profile", 2)
    yield database["system.profile"]
    await database.command("profile", 0)
    await database["system.profile"].drop()


@pytest.mark.parametrize(
    "wanted", [Filter(search="summer"), Filter(state=ImageState.READY), Filter(media_types=("image/jpeg",))]
)
async def test_images_are_counted_without_reading_them(crowd, profile, wanted):
    assert await Gallery(crowd, wanted).count() == 1_000

    did = await profile.find_one({"command.aggregate": Image.Settings.name})
    assert (did["docsExamined"], did["keysExamined"]) == (0, 1_001 if wanted.search else 1_000)


async def test_an_unfiltered_count_looks_at_no_image(crowd, profile):
    await Gallery(crowd, Filter()).count()

    assert await profile.find_one({"ns": {"$regex": f"{Image.Settings.name}$"}}) is None


@pytest.fixture(scope="module")
async def batch(crowd):
    """A batch that uses every other image of the crowd, and as many of somebody else."""
    batch_id = PydanticObjectId()
    images = Image.get_pymongo_collection()
    await images.update_many(
        {"owner_id": crowd, "size_bytes": {"$in": [0, 2, 4]}}, {"$set": {"batch_ids": [batch_id]}}
    )
    yield batch_id
    await images.update_many({"batch_ids": batch_id}, {"$set": {"batch_ids": []}})


@pytest.mark.parametrize("from_end", [False, True])
@pytest.mark.parametrize("order", ORDERS)
async def test_a_page_of_a_batch_is_read_from_an_index_without_a_sort(crowd, batch, order, from_end):
    wanted = Filter(batch_id=batch, state=ImageState.READY)

    plan, did = await explained(Gallery(crowd, wanted), Window(order, SIZE, from_end))

    assert {stage["stage"] for stage in stages(plan)} == {"LIMIT", "FETCH", "IXSCAN"}
    assert did["totalKeysExamined"] <= SIZE + 2
    assert did["totalDocsExamined"] <= SIZE + 2


async def test_images_of_a_batch_are_counted_by_its_index(crowd, batch, profile):
    found = await Gallery(crowd, Filter(batch_id=batch)).count()

    did = await profile.find_one({"command.aggregate": Image.Settings.name})
    assert 400 < found < 450
    assert did["keysExamined"] <= found + 1
