"""A manifest becomes its items once, whoever is killed on the way and whatever happens to the batch meanwhile."""

from __future__ import annotations

import asyncio

import pytest

import failpoints
from errors import StorageError
from failpoints import InjectedError
from models.batch import BatchState, Counts
from models.batch_item import BatchItem, BatchItemState
from models.batch_unit import BatchUnit
from models.product import Product
from models.work import Work
from processing.batches import controls, ids
from processing.batches.expand import ExpandBatch
from processing.batches.ledger import CONCLUDE
from storage.adapters import Storages
from tests.processing.batches import batches
from tests.processing.batches.batches import exact, failed, hand_out, succeeded

pytestmark = pytest.mark.mongo
ROWS = ["ab", "c", "def", "g"]


@pytest.fixture
def expand(storage, queue):
    async def run(batch, **options):
        await batches.expand(batch, storage, queue, items_per_chunk=2, **options)

    return run


@pytest.fixture
def until_chunk(storage, queue):
    """Expands so many chunks and is killed there."""

    async def run(batch, number):
        failpoints.arm(failpoints.parsed(f"batch.expanded:error@{number}"))
        with pytest.raises(InjectedError):
            await batches.expand(batch, storage, queue, items_per_chunk=2)
        failpoints.arm([])

    return run


async def products(batch):
    return await Product.find({"batch_id": batch.id}, sort="row").to_list()


async def test_rows_become_products_and_their_images_items_in_order(submit, expand):
    batch = await submit("ab", "c", "ad")

    await expand(batch)

    assert [
        (each.serial_number, each.name, each.first_position, each.image_count)
        for each in await products(batch)
    ] == [
        ("1", "SKU1", 0, 2),
        ("2", "SKU2", 2, 1),
        ("3", "SKU3", 3, 2),
    ]
    items = await BatchItem.find({"batch_id": batch.id}, sort="position").to_list()
    assert "".join(item.source_url[-1] for item in items) == "abcad"
    assert [item.index for item in items] == [0, 1, 0, 0, 1]
    units = await BatchUnit.find({"batch_id": batch.id}, sort="position").to_list()
    assert [(unit.url[-1], unit.position) for unit in units] == [("a", 0), ("b", 1), ("c", 2), ("d", 4)]
    batch = await exact(batch)
    assert (batch.is_expanded, batch.expanded_rows, batch.expanded_items) == (True, 3, 5)


async def test_products_are_found_by_number_and_name_and_stand_in_the_order_of_the_rows(submit, expand):
    batch = await submit("a", "b")

    await expand(batch)

    first, second = await products(batch)
    assert first.words == ["1", "sku1"]
    assert first.rank == second.rank + 1


async def test_the_first_chunk_starts_the_batch_with_an_event_and_is_worked_on_at_once(
    submit, storage, queue
):
    batch, woken = await submit(*ROWS), []
    failpoints.arm(failpoints.parsed("batch.expanding:error@2"))

    with pytest.raises(InjectedError):
        await ExpandBatch(Storages(storage), queue, woken.append, items_per_chunk=2).run(
            batches.expansion(batch)
        )

    batch = await exact(batch)
    assert (batch.state, batch.sequence, woken) == (BatchState.RUNNING, 1, [batch.owner_id])
    assert batch.started_at
    assert batch.counts == Counts(total=7, pending=7)
    assert len(await hand_out(batch, queue)) > 0


@pytest.mark.parametrize("step", ["batch.expanding", "batch.expanded"])
@pytest.mark.parametrize("number", [1, 2, 3])
async def test_what_a_killed_expander_leaves_is_gone_on_with(submit, expand, queue, step, number):
    batch = await submit("ab", "ca", "bd")
    failpoints.arm(failpoints.parsed(f"{step}:error@{number}"))
    with pytest.raises(InjectedError):
        await expand(batch)
    failpoints.arm([])
    await hand_out(batch, queue)
    await exact(batch)

    await expand(batch)

    batch = await exact(batch)
    assert batch.is_expanded
    assert await Product.find({"batch_id": batch.id}).count() == 3


async def test_a_repeat_of_an_expanded_batch_changes_nothing(submit, expand):
    batch = await submit(*ROWS)
    await expand(batch)
    before = await batches.fresh(batch)

    await expand(batch)

    assert await batches.fresh(batch) == before


async def test_an_address_that_is_everywhere_is_worked_on_in_parts(
    submit, expand, queue, outcomes, monkeypatch
):
    monkeypatch.setattr(ids, "IMAGES_PER_UNIT", 3)
    batch = await submit("aa", "ab", "aa", "a")

    await expand(batch)

    units = await hand_out(batch, queue)
    assert [(unit.url[-1], unit.position) for unit in units] == [("a", 0), ("b", 3), ("a", 4)]
    for unit in units:
        await outcomes.end(succeeded(unit))
    assert (await exact(batch)).state is BatchState.COMPLETED


async def test_two_expanders_at_once_write_everything_once(submit, expand):
    batch = await submit(*["ab", "ca", "bd", "ef", "ga"] * 4)

    await asyncio.gather(*(expand(batch) for _ in range(3)))
    await expand(await batches.fresh(batch))

    batch = await exact(batch)
    assert (batch.is_expanded, await Product.find({"batch_id": batch.id}).count()) == (True, 20)


@pytest.mark.parametrize(("end", "state"), [(succeeded, "SUCCEEDED"), (failed, "FAILED")])
async def test_an_item_whose_address_has_ended_ends_as_it_comes(
    submit, expand, until_chunk, queue, outcomes, end, state
):
    batch = await submit("ab", "ac", "bd")
    await until_chunk(batch, 1)
    a, b = await hand_out(batch, queue)
    for unit in (a, b):
        await outcomes.end(end(unit))

    await expand(batch)

    batch = await exact(batch)
    assert batch.counts.model_dump()[state.lower()] == 4
    assert batch.counts.pending == 2
    again = await BatchItem.find_one({"batch_id": batch.id, "position": 2})
    assert (again.state, again.attempt_count) == (state, 1)
    assert again.ended_at


async def test_an_item_whose_address_is_in_hand_ends_with_it(submit, expand, until_chunk, queue, outcomes):
    batch = await submit("ab", "ac")
    await until_chunk(batch, 1)
    a, _ = await hand_out(batch, queue)

    await expand(batch)
    assert (await exact(batch)).counts.running == 3
    await outcomes.end(succeeded(a))

    assert (await exact(batch)).counts.succeeded == 2


async def test_a_batch_ends_with_its_last_chunk_if_nothing_in_it_is_new(
    submit, expand, until_chunk, queue, outcomes
):
    batch = await submit("ab", "ab")
    await until_chunk(batch, 1)
    for unit in await hand_out(batch, queue):
        await outcomes.end(succeeded(unit))

    await expand(batch)

    batch = await exact(batch)
    assert (batch.state, batch.counts.succeeded) == (BatchState.COMPLETED, 4)
    assert await Work.find({"kind": CONCLUDE, "subject_id": batch.id}).count() == 1


async def test_a_paused_batch_is_expanded_and_nothing_of_it_is_handed_out(submit, expand, queue):
    batch = await submit(*ROWS)
    await controls.pause(batch.owner_id, batch.id, queue)

    await expand(batch)

    batch = await exact(batch)
    assert (batch.state, batch.is_expanded, batch.sequence) == (BatchState.PAUSED, True, 1)
    assert await hand_out(batch, queue) == []
    assert (await controls.resume(batch.owner_id, batch.id, queue)).state is BatchState.RUNNING


async def test_a_batch_that_is_resumed_before_its_first_chunk_is_queued_again(submit, expand, queue):
    batch = await submit(*ROWS)
    await controls.pause(batch.owner_id, batch.id, queue)

    resumed = await controls.resume(batch.owner_id, batch.id, queue)

    assert (resumed.state, resumed.started_at) == (BatchState.QUEUED, None)
    await expand(batch)
    assert (await exact(batch)).sequence == 3


async def test_what_comes_into_a_cancelled_batch_was_counted_before(
    submit, expand, until_chunk, queue, outcomes
):
    batch = await submit("ab", "ac", "bd")
    await until_chunk(batch, 1)
    a, b = await hand_out(batch, queue)
    await outcomes.end(succeeded(a))
    await controls.cancel(batch.owner_id, batch.id, queue)

    await expand(batch)
    assert (await exact(batch)).counts == Counts(total=6, pending=0, running=1, succeeded=1, cancelled=4)
    await outcomes.end(succeeded(b))

    batch = await exact(batch)
    assert batch.counts == Counts(total=6, pending=0, succeeded=2, cancelled=4)
    assert batch.is_finished
    assert batch.is_expanded
    late = await BatchItem.find_one({"batch_id": batch.id, "position": 4})
    assert late.state_in(batch) is BatchItemState.CANCELLED


async def test_nothing_is_written_about_a_batch_that_is_gone(submit, expand):
    batch = await submit(*ROWS)
    await batch.delete()

    await expand(batch)

    assert await BatchItem.find({"batch_id": batch.id}).count() == 0


async def test_a_manifest_that_is_not_what_was_counted_is_an_error_and_ends_the_batch(
    submit, storage, queue, expand
):
    batch = await submit("ab", "cd")

    async def shorter():
        yield batches.manifest("ab")

    await storage.put(batch.manifest.key, shorter())

    with pytest.raises(StorageError) as caught:
        await expand(batch)
    assert not caught.value.retryable
    await ExpandBatch(Storages(storage), queue, lambda _: None).give_up(batches.expansion(batch))

    batch = await exact(batch)
    assert (batch.state, batch.counts.cancelled, batch.is_finished) == (BatchState.CANCELLED, 4, True)
