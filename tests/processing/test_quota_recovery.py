"""Whatever dies or leaves before it has settled, no byte is lost and none is blocked for long."""

from __future__ import annotations

import asyncio

import pytest

from errors import OutcomeUnknownError, QuotaExceededError
from models.allowance import Allowance
from models.tally import Tally
from processing import cleanup
from tests.processing.saver import Saver

pytestmark = pytest.mark.mongo


@pytest.fixture
def saver(database):
    return Saver()


@pytest.mark.parametrize("committed", [True, False])
async def test_a_process_that_died_before_it_settled_blocks_nothing_for_long(saver, committed):
    dead = saver.reservation()
    await dead.reserve(400)
    if committed:
        await saver.commit(dead, 400)
    with pytest.raises(QuotaExceededError):
        await saver.keep(601)
    await saver.expire()

    await saver.keep(600)
    if not committed:
        await saver.keep(400)

    with pytest.raises(QuotaExceededError):
        await saver.keep(1)
    assert await saver.remembered() == (1_000, [])


@pytest.mark.parametrize("error", [OutcomeUnknownError, asyncio.CancelledError])
async def test_what_may_have_been_kept_stays_reserved_until_it_is_counted(saver, error):
    with pytest.raises(error):
        await saver.keep(400, fault=error())
    assert await saver.remembered() == (0, [400])
    await saver.expire()

    with pytest.raises(QuotaExceededError):
        await saver.keep(601)

    assert await saver.remembered() == (400, [])
    assert await saver.kept_bytes() == 400


async def test_what_is_committed_after_its_client_has_left_was_reserved_all_the_time(saver):
    reservation = saver.reservation()
    await reservation.reserve(400)
    await reservation.__aexit__(None, asyncio.CancelledError(), None)
    with pytest.raises(QuotaExceededError):
        await saver.keep(601)  # which makes it be counted anew

    await saver.commit(reservation, 400)
    with pytest.raises(QuotaExceededError):
        await saver.keep(601)
    await saver.expire()

    with pytest.raises(QuotaExceededError):
        await saver.keep(601)
    assert await saver.remembered() == (400, [])


async def test_a_fault_between_the_commit_and_the_settling_loses_no_byte(saver):
    with pytest.raises(LookupError):
        await saver.keep(400, fault=LookupError())

    with pytest.raises(QuotaExceededError):
        await saver.keep(601)
    assert await saver.remembered() == (400, [])


async def test_a_settling_that_fails_is_no_failure_of_the_upload(saver, monkeypatch):
    async def fail(*_):
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(Allowance, "settle", fail)
        await saver.keep(400)
    await saver.expire()

    with pytest.raises(QuotaExceededError):
        await saver.keep(601)
    assert await saver.remembered() == (400, [])


async def test_who_settles_after_the_reservation_has_expired_is_counted(saver):
    late = saver.reservation()
    await late.reserve(400)
    await saver.expire()
    with pytest.raises(QuotaExceededError):
        await saver.keep(1_001)  # which makes it be counted anew
    await saver.commit(late, 400)

    await late.settle()

    assert await saver.remembered() == (400, [])


async def test_who_leaves_while_reserving_leaves_nothing(saver, monkeypatch):
    take, sent, arrives, arrived = Allowance.reserve, asyncio.Event(), asyncio.Event(), []

    async def on_its_way(*arguments):
        async def server():
            await arrives.wait()
            return await take(*arguments)

        arrived.append(asyncio.create_task(server()))  # which goes on, whoever hangs up
        sent.set()
        return await asyncio.shield(arrived[0])

    async def reserve():
        async with saver.reservation() as reservation:
            await reservation.reserve(100)

    await saver.keep(1)
    monkeypatch.setattr(Allowance, "reserve", on_its_way)
    leaving = asyncio.create_task(reserve())
    await asyncio.wait_for(sent.wait(), 10)
    for _ in range(2):
        leaving.cancel()
        await asyncio.wait({leaving}, timeout=0.05)
    arrives.set()
    await asyncio.gather(leaving, *arrived, *cleanup._running, return_exceptions=True)

    assert await saver.remembered() == (1, [])


async def test_folding_the_tally_does_not_hide_what_a_reservation_became(saver):
    await saver.keep(100)
    async with saver.reservation() as reservation:
        await reservation.reserve(400)
        await saver.commit(reservation, 400)
        await saver.fold()
        with pytest.raises(QuotaExceededError):
            await saver.keep(501)  # which makes it be counted anew
        await reservation.settle()

    assert await saver.remembered() == (500, [])
    await saver.fold()
    assert await Tally.find({"owner_id": saver.id}).count() == 1
