"""A count is written down only while what it was made from is true."""

from __future__ import annotations

import asyncio

import pytest

from models.allowance import Allowance

pytestmark = pytest.mark.mongo


@pytest.fixture
async def seen(database, owner_id):
    await Allowance.begin(owner_id, 100)
    await Allowance.reserve(owner_id, "a", 10, limit_bytes=1_000)
    return await Allowance.of_owner(owner_id)


async def test_of_first_counts_at_once_one_is_written_down(database, owner_id):
    written = await asyncio.gather(*(Allowance.begin(owner_id, 100) for _ in range(10)))

    assert written.count(True) == 1


async def test_a_count_is_written_down_and_keeps_what_is_open(seen, owner_id):
    assert await Allowance.correct(seen, 50)

    now = await Allowance.of_owner(owner_id)
    assert (now.stored_bytes, now.used_bytes) == (50, 60)


@pytest.mark.parametrize(
    "change",
    [
        lambda seen: Allowance.reserve(seen.id, "b", 10, 1_000),
        lambda seen: Allowance.settle(seen.id, "a", 10),
        lambda seen: Allowance.give_back(seen.id, "a"),
        lambda seen: Allowance.correct(seen, 70),
    ],
    ids=["a reservation", "a settling", "a giving back", "another count"],
)
async def test_a_count_is_void_when_anything_happened_meanwhile(seen, owner_id, change):
    await change(seen)
    before = await Allowance.of_owner(owner_id)

    assert not await Allowance.correct(seen, 50)
    assert await Allowance.of_owner(owner_id) == before


async def test_who_is_gone_is_forgotten(seen, owner_id):
    await Allowance.forget_owner(owner_id)

    assert await Allowance.of_owner(owner_id) is None
