"""Images are described anew, trashed, restored and deleted for good; what is counted stays exact."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from beanie import PydanticObjectId

from models import shelves
from models.change import Change
from models.event import Event
from models.image import Image, Shelf
from models.tally import Share, Tally
from models.work import Work
from processing import upkeep
from processing.item import DevelopImage
from processing.purge import PURGE_IMAGE
from processing.queue.memory import MemoryQueue
from processing.queue.mongo import MongoQueue
from storage.adapters import Storages
from storage.memory import MemoryStorage
from tests import pictures
from tests.processing import taking_in
from tests.processing.in_process import InProcess

pytestmark = pytest.mark.mongo
PHOTO = pictures.jpeg()


@pytest.fixture
def storage(database):
    return MemoryStorage()


@pytest.fixture
def take_in(storage, owner_id):
    async def run(content=PHOTO):
        return (await taking_in.take_in(owner_id, content, storage)).image

    return run


@pytest.fixture
async def image(take_in):
    return await take_in()


async def changes(owner_id):
    return [change.kind for change in await Change.find({"owner_id": owner_id}).sort("_id").to_list()]


async def fail(storage, image):
    await DevelopImage(Storages(storage), MemoryQueue(), InProcess()).give_up(taking_in.development(image))


async def answers(image):
    return (await Image.get(image.id)).answers_duplicates


# ------------------------------------------------------------------ describing


@pytest.mark.parametrize(
    ("labels", "caption", "tags"),
    [
        ({}, "caption", ["tag"]),
        ({"caption": None}, None, ["tag"]),
        ({"tags": []}, "caption", []),
        ({"caption": "new", "tags": ["a", "b"]}, "new", ["a", "b"]),
    ],
)
async def test_only_the_labels_that_are_named_change(owner_id, image, labels, caption, tags):
    await upkeep.describe(owner_id, image.id, labels)

    described = await Image.get(image.id)
    assert (described.caption, described.tags) == (caption, tags)
    assert described.updated_at > image.updated_at
    assert await changes(owner_id) == ["UPDATED"]


async def test_an_image_in_the_trash_is_described_and_nothing_is_announced(owner_id, image):
    await upkeep.trash(owner_id, image.id)

    assert (await upkeep.describe(owner_id, image.id, {"caption": "new"})).caption == "new"
    assert await changes(owner_id) == ["REMOVED"]


async def test_labels_set_at_once_are_all_kept(owner_id, image):
    await asyncio.gather(
        *(
            upkeep.describe(owner_id, image.id, labels)
            for labels in ({"caption": "new"}, {"tags": ["new"]}) * 3
        )
    )

    described = await Image.get(image.id)
    assert (described.caption, described.tags) == ("new", ["new"])


# ------------------------------------------------------------------ the trash and back


async def test_the_trash_takes_an_image_out_of_the_gallery_and_keeps_its_bytes(owner_id, image, storage):
    assert await upkeep.trash(owner_id, image.id)

    trashed = await Image.get(image.id)
    assert (trashed.shelf, trashed.answers_duplicates) == (Shelf.TRASH, False)
    assert trashed.trashed_at
    assert await Tally.of_owner(owner_id) == Share(0, image.size_bytes)
    assert await changes(owner_id) == ["REMOVED"]
    assert await storage.head(image.storage.key)


async def test_a_restored_image_is_as_it_was(owner_id, image):
    await upkeep.trash(owner_id, image.id)

    restored = await upkeep.restore(owner_id, image.id)

    untouched = {"updated_at"}
    stored = await Image.get(image.id)
    assert restored == stored
    assert stored.model_dump(exclude=untouched) == (await _as_stored(image)).model_dump(exclude=untouched)
    assert await Tally.of_owner(owner_id) == Share(1, image.size_bytes)
    assert await changes(owner_id) == ["REMOVED", "ADDED"]


async def _as_stored(image):
    return image.model_copy(
        update={
            "created_at": image.created_at.replace(microsecond=image.created_at.microsecond // 1000 * 1000)
        }
    )


async def test_what_is_repeated_or_done_by_many_at_once_changes_the_counts_once(owner_id, image):
    assert all(await asyncio.gather(*(upkeep.trash(owner_id, image.id) for _ in range(5))))
    assert await Tally.of_owner(owner_id) == Share(0, image.size_bytes)

    assert all(await asyncio.gather(*(upkeep.restore(owner_id, image.id) for _ in range(5))))
    assert await Tally.of_owner(owner_id) == Share(1, image.size_bytes)

    deleted = await asyncio.gather(*(upkeep.delete(owner_id, image.id, MemoryQueue()) for _ in range(5)))
    assert sorted(deleted) == [False] * 4 + [True]
    assert await Tally.of_owner(owner_id) == Share(0, 0)
    assert await changes(owner_id) == ["REMOVED", "ADDED", "REMOVED"]


@pytest.mark.parametrize("someone", ["another", "unknown"])
async def test_nobody_changes_what_is_not_theirs(owner_id, image, someone):
    owner, image_id = (
        (PydanticObjectId(), image.id) if someone == "another" else (owner_id, PydanticObjectId())
    )

    assert await upkeep.describe(owner, image_id, {"caption": "new"}) is None
    assert not await upkeep.trash(owner, image_id)
    assert await upkeep.restore(owner, image_id) is None
    assert not await upkeep.delete(owner, image_id, MemoryQueue())
    assert await changes(owner_id) == await changes(owner) == []
    assert await Image.get(image.id) == await Image.of_owner(owner_id, image.id)


# ------------------------------------------------------------------ for good


@pytest.mark.parametrize("from_trash", [False, True])
async def test_deleting_for_good_forgets_the_image_and_remembers_its_bytes(owner_id, image, from_trash):
    if from_trash:
        await upkeep.trash(owner_id, image.id)

    assert await upkeep.delete(owner_id, image.id, MongoQueue())

    assert await Image.get(image.id) is None
    assert await Event.after(image.id, 0) == []
    assert await Tally.of_owner(owner_id) == Share(0, 0)
    assert await changes(owner_id) == ["REMOVED"]
    assert [work.kind for work in await Work.find({"subject_id": image.id}).to_list()] == [PURGE_IMAGE]


async def test_nothing_is_forgotten_unless_its_purge_is_remembered(owner_id, image):
    class Broken(MongoQueue):
        async def publish(self, items, transaction=None):
            await super().publish(items, transaction)
            raise LookupError

    with pytest.raises(LookupError):
        await upkeep.delete(owner_id, image.id, Broken())

    assert await Image.get(image.id)
    assert await Tally.of_owner(owner_id) == Share(1, image.size_bytes)
    assert await Work.find({"subject_id": image.id}).count() == 0


async def test_what_came_back_from_the_trash_does_not_expire(owner_id, image):
    await upkeep.trash(owner_id, image.id)
    await upkeep.restore(owner_id, image.id)

    assert not await upkeep.delete(owner_id, image.id, MemoryQueue(), trashed_before=datetime.now(UTC))

    assert await Image.get(image.id)


# ------------------------------------------------------------------ equal bytes


@pytest.fixture
async def twins(owner_id, take_in):
    """Two live images of equal bytes: the second answers for them, the first came back from the trash."""
    first = await take_in()
    await upkeep.trash(owner_id, first.id)
    second = await take_in()
    await upkeep.restore(owner_id, first.id)
    return first, second


async def test_one_of_two_images_of_equal_bytes_answers_for_them(take_in, twins):
    first, second = twins

    assert [await answers(twin) for twin in twins] == [False, True]
    assert (await take_in()).id == second.id != first.id


@pytest.mark.parametrize("leave", ["trash", "delete", "fail"])
async def test_when_the_one_that_answers_leaves_the_other_takes_over(
    owner_id, storage, twins, take_in, leave
):
    first, second = twins

    if leave == "trash":
        await upkeep.trash(owner_id, second.id)
    elif leave == "delete":
        await upkeep.delete(owner_id, second.id, MemoryQueue())
    else:
        await fail(storage, second)

    assert (await take_in()).id == first.id


@pytest.mark.parametrize("unfit", ["trash", "fail"])
async def test_what_is_in_the_trash_or_failed_takes_nothing_over(owner_id, storage, twins, take_in, unfit):
    first, second = twins
    await (upkeep.trash(owner_id, first.id) if unfit == "trash" else fail(storage, first))

    await upkeep.trash(owner_id, second.id)

    assert (await take_in()).id not in {first.id, second.id}


async def test_an_image_that_failed_is_restored_without_answering(owner_id, storage, image):
    await fail(storage, image)
    await upkeep.trash(owner_id, image.id)

    await upkeep.restore(owner_id, image.id)

    assert not await answers(image)


async def test_while_one_comes_back_and_the_other_leaves_one_of_them_answers(owner_id, take_in):
    for _ in range(20):
        first = await take_in()
        await upkeep.trash(owner_id, first.id)
        second = await take_in()

        await asyncio.gather(upkeep.restore(owner_id, first.id), upkeep.trash(owner_id, second.id))

        assert await answers(first)
        await upkeep.delete(owner_id, first.id, MemoryQueue())


# ------------------------------------------------------------------ queries


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ({"shelf": "TRASH", "trashed_at": {"$lt": datetime(2026, 1, 1, tzinfo=UTC)}}, [("trashed_at", 1)]),
        (
            {"owner_id": PydanticObjectId(), "checksum_sha256": "0", "answers_duplicates": False},
            shelves.OLDEST_FIRST,
        ),
    ],
)
async def test_what_is_looked_for_is_found_by_an_index_without_a_sort(database, query, order):
    plan = await Image.get_pymongo_collection().find(query).sort(order).explain()

    stages = str(plan["queryPlanner"]["winningPlan"])
    assert "'IXSCAN'" in stages
    assert "'SORT'" not in stages


async def test_the_longest_in_the_trash_come_first(owner_id, take_in):
    images = [await take_in(pictures.jpeg(seed=seed)) for seed in range(3)]
    for days, image in enumerate(images, start=1):
        at = datetime(1980, 1, 4 - days, tzinfo=UTC)
        await Image.find({"_id": image.id}).update({"$set": {"shelf": "TRASH", "trashed_at": at}})

    found = [image async for image in shelves.expired(datetime(1980, 1, 3, tzinfo=UTC))]

    assert [image.id for image in found] == [images[2].id, images[1].id]
