"""Work is handed out in turns, never more than the window, whoever hands it out; whatever comes due is found."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from beanie import PydanticObjectId

import failpoints
from models.batch import Batch, Counts
from models.batch_unit import BatchUnit
from models.turn import Turn
from models.work import Topic, Work
from models.worker_presence import WorkerPresence
from processing.batches import controls, dealing, dispatch
from processing.batches.dealing import COMPRESS, deal
from processing.batches.dispatch import DispatchBatch, Dispatcher
from tests.processing.batches import batches
from tests.processing.batches.batches import exact, failed, hand_out, letters, postponed, succeeded

pytestmark = pytest.mark.mongo
TEN = "abcdefghij"


@pytest.fixture
async def dispatcher(queue):
    await WorkerPresence.get_pymongo_collection().delete_many({})
    dispatcher = Dispatcher(queue, lanes=2)
    yield dispatcher
    await dispatcher.close()


async def until_running(batch, number):
    async with asyncio.timeout(20):
        while len(units := await batches.running(batch)) < number:  # noqa: ASYNC110 - another task hands out
            await asyncio.sleep(0.02)
    return units


async def test_so_many_are_handed_out_as_the_window_leaves_in_the_order_of_the_manifest(expanded, queue):
    batch = await expanded(TEN)

    assert letters(await hand_out(batch, queue, window=3)) == "abc"
    assert letters(await hand_out(batch, queue, window=3)) == "abc"
    assert letters(await hand_out(batch, queue, window=4)) == "abcd"

    assert (await exact(batch)).counts == Counts(total=10, pending=6, running=4)


async def test_nothing_is_handed_out_for_less_room_than_is_worth_it(expanded, queue, outcomes):
    batch = await expanded(TEN)
    a, b, *_ = await hand_out(batch, queue, window=4)
    await outcomes.end(succeeded(a))

    await deal(batch.owner_id, 4, queue, at_least=2)
    assert len(await batches.running(batch)) == 3
    await outcomes.end(succeeded(b))
    await deal(batch.owner_id, 4, queue, at_least=2)

    assert len(await batches.running(batch)) == 4


async def test_what_is_handed_out_waits_in_the_line_of_batches_under_its_ticket(expanded, queue):
    batch = await expanded("a")

    [unit] = await hand_out(batch, queue)

    work = await Work.get(unit.ticket)
    assert (work.kind, work.topic, work.subject_id, work.owner_id) == (
        COMPRESS,
        Topic.BATCHES,
        unit.id,
        unit.owner_id,
    )
    assert (unit.tries, unit.attempt_count) == (1, 1)
    assert (await batches.fresh(batch)).sequence == 1  # its start; none for what is handed out


async def test_dispatchers_at_once_never_hand_out_too_much(expanded, queue):
    batch, other = await expanded(TEN), await expanded(TEN)

    await asyncio.gather(*(deal(batch.owner_id, 5, queue) for _ in range(6)))

    assert len(await batches.running(batch)) + len(await batches.running(other)) == 5
    await exact(batch)
    await exact(other)


async def test_a_dispatcher_that_has_not_seen_a_batch_hands_out_nothing_beside_one_who_has(
    expanded, queue, monkeypatch
):
    unseen, seen = await expanded(TEN), await expanded(TEN)
    await Turn.begin(seen.owner_id)
    await controls.pause(unseen.owner_id, unseen.id, queue)
    in_turn = Batch.in_turn

    async def in_turn_while_another_deals(*args):
        found = await in_turn(*args)
        monkeypatch.setattr(Batch, "in_turn", in_turn)
        await controls.resume(unseen.owner_id, unseen.id, queue)
        await deal(seen.owner_id, 1, queue)
        return found

    monkeypatch.setattr(Batch, "in_turn", in_turn_while_another_deals)
    await deal(seen.owner_id, 1, queue)

    assert len(await batches.running(seen)) + len(await batches.running(unseen)) == 1


async def test_batches_of_an_owner_take_turns(expanded, queue, outcomes):
    every = [await expanded(TEN) for _ in range(3)]
    ended = Counter()

    for _ in range(6):
        await deal(every[0].owner_id, 2, queue)
        for batch in every:
            for unit in await batches.running(batch):
                await outcomes.end(succeeded(unit))
                ended[batch.id] += 1

    assert sorted(ended.values()) == [4, 4, 4]


async def test_a_batch_with_nothing_to_hand_out_leaves_its_turn_to_others(expanded, queue, monkeypatch):
    monkeypatch.setattr(dealing, "BATCHES_AT_A_TIME", 2)
    waiting = [await expanded("a") for _ in range(3)]
    await BatchUnit.get_pymongo_collection().update_many(
        {"batch_id": {"$in": [batch.id for batch in waiting]}},
        {"$set": {"ready_at": datetime.now(UTC) + timedelta(hours=1)}},
    )
    last = await expanded(TEN)

    while await deal(last.owner_id, 2, queue):
        pass

    assert letters(await batches.running(last)) == "ab"


async def test_what_was_postponed_comes_first_once_it_is_due_and_not_before(expanded, queue, outcomes):
    batch = await expanded("abcd")
    a, b = await hand_out(batch, queue, window=2)
    await outcomes.end(postponed(b, datetime.now(UTC) - timedelta(seconds=1)))
    await outcomes.end(postponed(a, datetime.now(UTC) + timedelta(hours=1)))

    assert letters(await hand_out(batch, queue, window=1)) == "b"
    assert letters(await hand_out(batch, queue)) == "bcd"

    again, *_ = await batches.running(batch)
    assert (again.tries, again.attempt_count, again.ready_at) == (2, 2, None)
    assert again.ticket != b.ticket
    await exact(batch)


async def test_a_further_round_hands_out_what_failed_and_nothing_else(expanded, queue, outcomes):
    batch = await expanded("abc")
    a, b, c = await hand_out(batch, queue)
    for ending in (failed(a), succeeded(b), failed(c)):
        await outcomes.end(ending)
    await controls.retry(batch.owner_id, batch.id, queue)

    units = await hand_out(batch, queue)

    assert letters(units) == "ac"
    assert {(unit.round, unit.tries, unit.attempt_count) for unit in units} == {(2, 1, 2)}
    assert (await exact(batch)).counts == Counts(total=3, pending=0, running=2, succeeded=1)


@pytest.mark.parametrize("change", [controls.pause, controls.cancel])
async def test_nothing_is_handed_out_of_a_batch_that_rests(expanded, queue, change):
    batch = await expanded(TEN)
    await change(batch.owner_id, batch.id, queue)

    assert await hand_out(batch, queue) == []


async def test_a_pause_while_work_is_handed_out_comes_before_or_after_it(expanded, queue):
    batch = await expanded(TEN)

    await asyncio.gather(
        *(deal(batch.owner_id, window, queue) for window in (2, 4, 6)),
        controls.pause(batch.owner_id, batch.id, queue),
    )
    handed_out = await batches.running(batch)

    assert await hand_out(batch, queue) == handed_out
    assert (await exact(batch)).counts.running == len(handed_out)


async def test_what_dies_while_it_hands_out_has_handed_out_nothing(expanded, queue):
    batch = await expanded(TEN)
    failpoints.arm(failpoints.parsed("batch.dealing:error"))

    with pytest.raises(failpoints.InjectedError):
        await deal(batch.owner_id, 4, queue)

    assert (await exact(batch)).counts.running == 0
    assert await Work.find({"topic": Topic.BATCHES}).count() == 0


async def test_a_window_is_three_times_what_all_workers_do_at_once(expanded, queue, dispatcher):
    other = PydanticObjectId()
    await WorkerPresence.beat(other, 1, ttl_seconds=60)
    await WorkerPresence.beat(PydanticObjectId(), 100, ttl_seconds=-1)  # died
    batch = await expanded(TEN)

    await dispatcher.look()
    dispatcher.start()

    assert len(await until_running(batch, 9)) == 9
    await WorkerPresence.leave(other)
    assert await WorkerPresence.lanes_of_all() == 2


async def test_work_is_found_though_nobody_was_woken_and_goes_on_when_units_end(
    expanded, queue, dispatcher, outcomes
):
    batch = await expanded(TEN)
    dispatcher.start()

    for number in (2, 4, 6):
        for unit in (await until_running(batch, 4))[:2]:
            await outcomes.end(succeeded(unit))
        dispatcher.wake(batch.owner_id)
        assert (await batches.fresh(batch)).counts.succeeded == number
    await dispatcher.close()
    await exact(batch)


async def test_a_unit_that_comes_due_is_found(expanded, queue, dispatcher, outcomes):
    batch = await expanded("a")
    [unit] = await hand_out(batch, queue)
    await outcomes.end(postponed(unit, datetime.now(UTC) + timedelta(milliseconds=200)))

    dispatcher.start()

    assert len(await until_running(batch, 1)) == 1


async def test_a_work_item_wakes_the_dispatcher(expanded, queue, dispatcher, monkeypatch):
    monkeypatch.setattr(dispatch, "LOOK_EVERY_SECONDS", 3_600)
    dispatcher.start()
    await asyncio.sleep(0.1)
    batch = await expanded(TEN)
    await controls.pause(batch.owner_id, batch.id, queue)
    await controls.resume(batch.owner_id, batch.id, queue)
    [work] = await Work.find({"kind": controls.DISPATCH}).to_list()

    await DispatchBatch(dispatcher).run(work)

    assert len(await until_running(batch, 6)) == 6


async def test_an_owner_whose_work_cannot_be_handed_out_holds_up_nobody(expanded, dispatcher, monkeypatch):
    batch, bad, real = await expanded(TEN), PydanticObjectId(), dealing.deal

    async def deal_or_fail(owner_id, *args, **options):
        if owner_id == bad:
            raise OSError
        return await real(owner_id, *args, **options)

    monkeypatch.setattr(dealing, "deal", deal_or_fail)
    dispatcher.wake(bad)
    dispatcher.start()

    assert len(await until_running(batch, 6)) == 6


async def test_closing_takes_the_worker_out_of_the_count(dispatcher):
    dispatcher.start()
    async with asyncio.timeout(10):
        while await WorkerPresence.lanes_of_all() == 0:  # noqa: ASYNC110 - another task says so
            await asyncio.sleep(0.02)

    await dispatcher.close()

    assert await WorkerPresence.lanes_of_all() == 0


async def test_owners_with_work_are_those_of_running_batches_that_have_some_left(expanded, submit, queue):
    running = await expanded("ab")
    await submit("a")  # queued
    assert await Batch.owners_with_work() == [running.owner_id]

    await hand_out(running, queue)

    assert await Batch.owners_with_work() == []
