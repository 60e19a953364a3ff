"""Batches, products and items as lists."""

from __future__ import annotations

import pytest
from beanie import PydanticObjectId
from hypothesis import given, settings
from hypothesis import strategies as st

from models import batch_lists
from models.batch import Batch, BatchState
from models.batch_item import BatchItem, BatchItemState
from models.departed_batch import DepartedBatch
from models.page import Window
from models.product import Product
from tests import catalogues
from tests.catalogues import CANCELLED, FAILED, PENDING, RUNNING, SUCCEEDED, Row

pytestmark = pytest.mark.mongo


async def whole(listing, size=1_000):
    """All of the list, page by page."""
    found, window = [], Window(listing.order, size)
    while True:
        page = await listing.page(window)
        found += page.items
        if not page.has_next:
            return found
        window = Window(listing.order, size, after=listing.order.position(page.items[-1]))


@given(
    stored=st.lists(
        st.tuples(st.sampled_from(list(BatchItemState)), st.integers(1, 3)), min_size=1, max_size=9
    ),
    state=st.sampled_from(list(BatchState)),
    current_round=st.integers(1, 3),
    wanted=st.sampled_from(list(BatchItemState)),
    size=st.sampled_from([1, 3, 100]),
)
@settings(max_examples=60)
async def test_items_are_found_by_the_state_that_they_have_now(
    database, stored, state, current_round, wanted, size
):
    owner_id = PydanticObjectId()
    rows = [Row("Lamp", [each]) for each, _ in stored]
    kept = await catalogues.keep(owner_id, *rows, state=state, round=current_round)
    for item, (_, item_round) in zip(kept.items, stored, strict=True):
        item.round = min(item_round, current_round)
        await item.save()

    found = await whole(batch_lists.items(kept.batch, wanted), size)

    expected = [item.position for item in kept.items if item.state_in(kept.batch) is wanted]
    assert [item.position for item in found] == expected
    assert await batch_lists.items(kept.batch, wanted).count() == len(expected)


@pytest.mark.parametrize(
    ("stored", "item_round", "state", "now"),
    [
        (PENDING, 1, BatchState.RUNNING, PENDING),
        (PENDING, 1, BatchState.CANCELLED, CANCELLED),
        (FAILED, 1, BatchState.RUNNING, PENDING),
        (FAILED, 2, BatchState.RUNNING, FAILED),
        (FAILED, 1, BatchState.CANCELLED, CANCELLED),
        (FAILED, 2, BatchState.CANCELLED, FAILED),
        (RUNNING, 2, BatchState.CANCELLED, RUNNING),
        (SUCCEEDED, 1, BatchState.CANCELLED, SUCCEEDED),
    ],
)
async def test_an_item_has_the_state_that_follows_from_its_batch(
    database, owner_id, stored, item_round, state, now
):
    kept = await catalogues.keep(owner_id, Row("Lamp", [stored]), state=state, round=2)
    item = kept.items[0].model_copy(update={"round": item_round})

    shown = item.as_in(kept.batch)

    assert shown.state is now
    assert bool(shown.failure) == (now is FAILED)


async def test_batches_come_the_newest_first(database, owner_id):
    for minute in (1, 3, 2):
        await catalogues.keep(owner_id, Row("Lamp"), minute=minute, manifest_name=f"{minute}.csv")

    found = await whole(batch_lists.batches(owner_id), 1)

    assert [batch.manifest_name for batch in found] == ["3.csv", "2.csv", "1.csv"]
    assert await batch_lists.batches(owner_id, BatchState.PAUSED).count() == 0


async def test_products_come_in_the_order_of_rows_those_of_the_newest_batch_first(database, owner_id):
    for minute in (1, 2):
        await catalogues.keep(owner_id, Row(f"{minute}a"), Row(f"{minute}b"), minute=minute)

    found = await whole(await batch_lists.products(owner_id), 1)

    assert [product.name for product in found] == ["2a", "2b", "1a", "1b"]


async def test_products_of_one_batch_are_those_alone(database, owner_id):
    await catalogues.keep(owner_id, Row("other"))
    kept = await catalogues.keep(owner_id, Row("a"), Row("b"), Row("c"), minute=2)

    found = await whole(await batch_lists.products(owner_id, batch_id=kept.batch.id), 2)

    assert [product.name for product in found] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("search", "found"),
    [("lam", ["Lampe, grün"]), ("GRUN lampe", ["Lampe, grün"]), ("sku4", ["Stuhl"]), ("lampe stuhl", []), ("", ["Lampe, grün", "Stuhl"])],
)  # fmt: skip
async def test_products_are_found_by_words_of_number_and_name(database, owner_id, search, found):
    rows = [Row("Lampe, grün", serial_number="SKU-3"), Row("Stuhl", serial_number="SKU41")]
    await catalogues.keep(owner_id, *rows)

    listing = await batch_lists.products(owner_id, search)

    assert [product.name for product in await whole(listing)] == found
    assert await listing.count() == len(found)


async def test_what_is_left_of_a_deleted_batch_is_not_listed(database, owner_id):
    kept, gone = [await catalogues.keep(owner_id, Row(name)) for name in ("kept", "gone")]
    await gone.batch.delete()
    await DepartedBatch(id=gone.batch.id, owner_id=owner_id, with_images=False).insert()

    assert [product.name for product in await whole(await batch_lists.products(owner_id))] == ["kept"]
    assert await whole(await batch_lists.products(owner_id, batch_id=gone.batch.id)) == []
    assert await whole(await batch_lists.products(owner_id, batch_id=kept.batch.id)) != []


async def test_another_owners_things_are_in_no_list(database, owner_id):
    theirs = (await catalogues.keep(PydanticObjectId(), Row("Lamp"))).batch
    stolen = theirs.model_copy(update={"owner_id": owner_id})

    assert await whole(batch_lists.batches(owner_id)) == []
    assert await whole(await batch_lists.products(owner_id, batch_id=theirs.id)) == []
    assert await whole(batch_lists.items(stolen)) == []


@pytest.mark.parametrize("wanted", [None, *BatchItemState])
async def test_a_page_of_items_reads_no_more_than_it_shows(database, owner_id, wanted):
    """Deep in a list, MongoDB looks at the page and little else."""
    states = [SUCCEEDED, FAILED, PENDING, RUNNING, CANCELLED] * 60
    kept = await catalogues.keep(owner_id, *[Row("Lamp", [state]) for state in states], round=2)
    listing = batch_lists.items(kept.batch, wanted)
    after = listing.order.position(kept.items[-60])
    query = {"$and": [listing.conditions, *Window(listing.order, 10, after=after).bounds]}

    found = BatchItem.get_pymongo_collection().find(query, sort=listing.order.sort, limit=11)
    stats = (await found.explain())["executionStats"]

    assert stats["totalDocsExamined"] <= 60


async def test_the_kinds_are_what_their_graphql_types_are_called():
    assert [kind.__name__ for kind in (Batch, Product, BatchItem)] == ["Batch", "Product", "BatchItem"]
