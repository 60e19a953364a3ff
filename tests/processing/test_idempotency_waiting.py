"""Who comes second waits: for an answer, for a refusal, for a death."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from errors import LeaseLostError
from models import transactions
from models.idempotency import IdempotencyKey
from models.tally import Tally
from processing import cleanup, idempotency
from processing.idempotency import Hold, IdempotencyKeys
from tests.processing.keyed_work import CHECKSUM, end_lease, keyed, refuse, stored, times_done, waiting, work

pytestmark = pytest.mark.mongo
SOON = 20
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def keys(database):
    return IdempotencyKeys()


@pytest.fixture(params=["same process", "another process"])
def others_keys(request, keys):
    """Those of whom nobody wakes the others are in another process."""
    return keys if request.param == "same process" else IdempotencyKeys()


async def test_who_waits_gets_the_answer_of_the_first(keys, others_keys, owner_id):
    async def write(transaction):
        await held.keep(CHECKSUM, {"n": 1}, transaction)

    async with keys.held(keyed(owner_id)) as held:
        second = await waiting(others_keys, owner_id, {"n": 2})
        await transactions.run(write)

    assert await asyncio.wait_for(second, SOON) == {"n": 1}


async def test_who_waits_in_the_same_process_is_woken(keys, owner_id, monkeypatch):
    monkeypatch.setattr(idempotency, "FIRST_PAUSE_SECONDS", 3_600)
    monkeypatch.setattr(idempotency, "LONGEST_PAUSE_SECONDS", 3_600)
    async with keys.held(keyed(owner_id)):
        others = [await waiting(keys, owner_id, {"n": n}) for n in range(3)]
        while len(next(iter(keys._waiting.values()))) < len(others):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0)

    answers = await asyncio.wait_for(asyncio.gather(*others), SOON)
    assert answers[0] == answers[1] == answers[2]


async def test_who_waits_does_the_work_if_the_first_was_refused(keys, others_keys, owner_id):
    async with contextlib.AsyncExitStack() as refused:
        await refused.enter_async_context(keys.held(keyed(owner_id)))
        second = await waiting(others_keys, owner_id, {"n": 2})

    assert await asyncio.wait_for(second, SOON) == {"n": 2}
    assert await times_done(owner_id) == 1


async def test_who_waits_takes_over_from_the_dead(keys, others_keys, owner_id):
    async with keys.held(keyed(owner_id)) as held:
        second = await waiting(others_keys, owner_id, {"n": 2})
        await end_lease(owner_id)
        assert await asyncio.wait_for(second, SOON) == {"n": 2}

        async def write(transaction):  # not so dead after all
            await Tally.add([Tally(owner_id=owner_id, image_count=1)], transaction)
            await held.keep(CHECKSUM, {"n": 1}, transaction)

        with pytest.raises(LeaseLostError):
            await transactions.run(write)

    assert await times_done(owner_id) == 1
    assert (await stored(owner_id)).kept.answer == {"n": 2}


async def test_who_lost_the_lease_does_not_let_go_of_the_next_ones(keys, owner_id):
    async with keys.held(keyed(owner_id)):
        await end_lease(owner_id)
        async with keys.held(keyed(owner_id)) as second:
            assert isinstance(second, Hold)
            theirs = (await stored(owner_id)).lease
        # the second is done; a third has it now
        third = await IdempotencyKey.claim((IdempotencyKey.id_at(keyed(owner_id).key_id, None)), "third", 15)
        assert third.lease == "third" != theirs

    assert (await stored(owner_id)).lease == "third"


async def test_a_claim_that_is_older_than_its_lease_is_held_on_to_while_the_work_runs(
    keys, owner_id, monkeypatch
):
    monkeypatch.setattr(idempotency, "HEARTBEAT_SECONDS", 0.01)
    async with asyncio.timeout(SOON), keys.held(keyed(owner_id)) as held:
        await end_lease(owner_id)
        while (await stored(owner_id)).expires_at < datetime.now(UTC):  # noqa: ASYNC110 - only MongoDB knows
            await asyncio.sleep(0.01)

        await transactions.run(lambda transaction: held.keep(CHECKSUM, {"n": 1}, transaction))

    assert (await stored(owner_id)).kept.answer == {"n": 1}


async def test_a_heartbeat_that_does_not_get_through_is_tried_again(keys, owner_id, monkeypatch):
    beats = []

    async def extend(*_):
        beats.append(1)
        if len(beats) < 3:
            raise ConnectionError
        again.set()
        return False

    again = asyncio.Event()
    monkeypatch.setattr(idempotency, "HEARTBEAT_SECONDS", 0.001)
    monkeypatch.setattr(IdempotencyKey, "extend", extend)
    async with keys.held(keyed(owner_id)):
        await asyncio.wait_for(again.wait(), SOON)

    assert len(beats) == 3


async def test_who_leaves_while_waiting_leaves_nothing(keys, owner_id):
    async with keys.held(keyed(owner_id)):
        before = await stored(owner_id)
        second = await waiting(keys, owner_id, {"n": 2})
        second.cancel()
        await asyncio.wait({second})
        assert keys._waiting == {}
        assert await stored(owner_id) == before

    assert await stored(owner_id) is None


async def test_who_leaves_while_working_lets_the_next_one_through(keys, owner_id):
    async def work_without_end():
        async with keys.held(keyed(owner_id)):
            claimed.set()
            await asyncio.Event().wait()

    claimed = asyncio.Event()
    first = asyncio.create_task(work_without_end())
    await asyncio.wait_for(claimed.wait(), SOON)
    second = await waiting(keys, owner_id, {"n": 2})
    first.cancel()

    assert await asyncio.wait_for(second, SOON) == {"n": 2}


async def test_who_leaves_while_a_claim_is_on_its_way_has_claimed_nothing(keys, owner_id, monkeypatch):
    claim, sent, arrives, arrived = IdempotencyKey.claim, asyncio.Event(), asyncio.Event(), []

    async def on_its_way(*arguments):
        async def server():
            await arrives.wait()
            return await claim(*arguments)

        arrived.append(asyncio.create_task(server()))  # which goes on, whoever hangs up
        sent.set()
        return await asyncio.shield(arrived[0])

    monkeypatch.setattr(IdempotencyKey, "claim", on_its_way)
    first = asyncio.create_task(work(keys, keyed(owner_id), {"n": 1}))
    await asyncio.wait_for(sent.wait(), SOON)
    for _ in range(2):
        first.cancel()
        await asyncio.wait({first}, timeout=0.05)
    arrives.set()
    await asyncio.gather(first, *arrived, *cleanup._running, return_exceptions=True)

    assert await stored(owner_id) is None


async def test_who_leaves_again_while_a_key_is_released_has_released_it(keys, owner_id, monkeypatch):
    release, begun, go_on = IdempotencyKey.release, asyncio.Event(), asyncio.Event()

    async def slow(*arguments):
        begun.set()
        await go_on.wait()
        await release(*arguments)

    async def refused():
        async with keys.held(keyed(owner_id)):
            refuse()

    monkeypatch.setattr(IdempotencyKey, "release", slow)
    first = asyncio.create_task(refused())
    await asyncio.wait_for(begun.wait(), SOON)
    first.cancel()
    await asyncio.wait({first})
    go_on.set()
    await asyncio.gather(*cleanup._running)

    assert await stored(owner_id) is None
