"""Whatever fits is taken, and nothing else."""

from __future__ import annotations

import asyncio

import pytest

from errors import QuotaExceededError, RoomTooSmallError
from models.allowance import Allowance
from tests.processing.saver import LIMIT, Saver

pytestmark = pytest.mark.mongo


@pytest.fixture
def saver(database):
    return Saver()


async def test_a_quota_can_be_filled_to_the_last_byte_and_no_further(saver):
    await saver.keep(400)
    await saver.keep(600)

    with pytest.raises(QuotaExceededError) as refusal:
        await saver.keep(1)
    assert refusal.value.limit_bytes == LIMIT
    assert await saver.remembered() == (1_000, [])
    assert await saver.kept_bytes() == 1_000


async def test_a_refusal_takes_nothing(saver):
    await saver.keep(400)

    with pytest.raises(QuotaExceededError):
        await saver.keep(601)

    assert await saver.remembered() == (400, [])
    await saver.keep(600)


@pytest.mark.parametrize("size_bytes", [100, 300 * 1024, 3 * 1024 * 1024])
async def test_of_thirty_at_once_exactly_as_many_are_kept_as_fit(saver, size_bytes):
    thirty = (saver.keep(size_bytes, 10 * size_bytes + size_bytes // 2) for _ in range(30))
    ended = await asyncio.gather(*thirty, return_exceptions=True)

    assert ended.count(None) == 10
    assert {type(end) for end in ended if end} == {QuotaExceededError}
    assert await saver.remembered() == (10 * size_bytes, [])
    assert await saver.kept_bytes() == 10 * size_bytes


async def test_bytes_that_cannot_fit_are_refused_before_the_last_has_come(saver):
    await saver.keep(700)
    async with saver.reservation() as reservation:
        await reservation.expect(300)
        with pytest.raises(QuotaExceededError):
            await reservation.expect(301)

    assert await saver.remembered() == (700, [])


async def test_one_that_streams_takes_nothing_from_others(saver):
    async with saver.reservation() as streaming:
        await streaming.expect(900)
        await saver.keep(900)
        with pytest.raises(QuotaExceededError):
            await streaming.reserve(900)


async def test_what_another_has_reserved_is_taken(saver):
    async with saver.reservation() as first, saver.reservation() as second:
        await first.reserve(900)
        with pytest.raises(QuotaExceededError):
            await second.expect(101)
        with pytest.raises(QuotaExceededError):
            await second.reserve(101)
        await second.reserve(100)


async def test_what_was_reserved_and_not_used_is_given_back(saver):
    async with saver.reservation() as reservation:
        await reservation.reserve(1_000)

    assert await saver.remembered() == (0, [])
    await saver.keep(1_000)


async def test_what_is_deleted_is_given_back(saver):
    await saver.keep(1_000)
    await saver.delete(300)

    await saver.keep(300)

    assert await saver.remembered() == (1_000, [])


async def test_what_is_deleted_is_given_back_to_who_streams(saver):
    await saver.keep(1_000)
    await saver.delete(300)

    async with saver.reservation() as reservation:
        await reservation.expect(300)


async def test_a_smaller_replacement_leaves_room(saver):
    await saver.keep(900)
    async with saver.reservation(freed_bytes=900) as reservation:
        await reservation.expect(100)
        await reservation.reserve(100)
        await saver.commit(reservation, 100 - 900)
        await reservation.settle()

    await saver.keep(900)
    assert await saver.kept_bytes() == 1_000


async def test_a_larger_replacement_needs_room_for_what_it_is_larger(saver):
    await saver.keep(900)

    async with saver.reservation(freed_bytes=900) as reservation:
        await reservation.expect(1_000)
        await reservation.reserve(1_000)
        assert await saver.remembered() == (900, [100])
        await saver.commit(reservation, 100)
        await reservation.settle()
    async with saver.reservation(freed_bytes=1_000) as reservation:
        with pytest.raises(QuotaExceededError):
            await reservation.expect(1_001)
        with pytest.raises(QuotaExceededError):
            await reservation.reserve(1_001)

    assert await saver.remembered() == (1_000, [])


async def test_what_is_no_larger_than_what_goes_fits_also_beyond_a_lowered_limit(saver):
    await saver.keep(900)

    async with saver.reservation(limit_bytes=1, freed_bytes=900) as reservation:
        await reservation.expect(900)
        await reservation.reserve(900)


async def test_room_is_not_used_by_more_than_was_reserved(saver):
    async with saver.reservation(freed_bytes=900) as reservation:
        await reservation.reserve(1_000)
        with pytest.raises(RoomTooSmallError):
            await saver.commit(reservation, 101)

    assert await saver.kept_bytes() == 0
    assert await saver.remembered() == (0, [])


async def test_an_original_that_grew_before_it_went_frees_what_it_had_then(saver):
    await saver.keep(900)

    async with saver.reservation(freed_bytes=100) as reservation:
        await reservation.reserve(200)
        await saver.commit(reservation, 200 - 900)
        await reservation.settle()

    await saver.keep(800)
    assert await saver.kept_bytes() == 1_000


async def test_a_setting_may_be_raised_and_lowered(saver):
    await saver.keep(1_000)
    await saver.keep(500, limit_bytes=1_500)

    with pytest.raises(QuotaExceededError):
        await saver.keep(1, limit_bytes=1_499)
    with pytest.raises(QuotaExceededError):
        await saver.keep(1, limit_bytes=0)
    assert await saver.remembered() == (1_500, [])


async def test_what_came_in_without_a_quota_counts_when_there_is_one(saver):
    await saver.keep(700, limit_bytes=None)
    await saver.keep(300)

    with pytest.raises(QuotaExceededError):
        await saver.keep(1)
    assert await saver.remembered() == (1_000, [])


async def test_what_came_in_while_the_quota_was_off_counts_after_a_while(saver):
    await saver.keep(300)
    await saver.keep(700, limit_bytes=None)
    await saver.age(minutes=6)

    with pytest.raises(QuotaExceededError):
        await saver.keep(1)
    assert await saver.remembered() == (1_000, [])


async def test_without_a_limit_mongodb_is_not_asked(saver):
    await saver.keep(10**15, limit_bytes=None)

    assert await Allowance.get(saver.id) is None
