"""What an owner keeps is the sum of lines that nobody waits for."""

from __future__ import annotations

import asyncio

import pytest

from models import transactions
from models.tally import Share, Tally

pytestmark = pytest.mark.mongo


@pytest.fixture
def add(database, owner_id):
    async def write(**amounts):
        line = Tally(owner_id=owner_id, **amounts)
        await transactions.run(lambda transaction: Tally.add([line], transaction))

    return write


async def test_who_keeps_nothing_has_no_share(database, owner_id):
    assert await Tally.of_owner(owner_id) == Share(0, 0)


async def test_lines_add_up_whoever_writes_them_at_once(add, owner_id):
    await asyncio.gather(*(add(image_count=1, stored_bytes=2**31) for _ in range(20)))
    await add(image_count=-1)

    assert await Tally.of_owner(owner_id) == Share(19, 20 * 2**31)


async def test_folding_leaves_one_line_of_the_same_sum(add, owner_id):
    for size in range(70):
        await add(image_count=1, stored_bytes=size)
    before = await Tally.of_owner(owner_id)
    assert owner_id in await Tally.long_ones()

    await transactions.run(lambda transaction: Tally.fold(owner_id, transaction))

    assert await Tally.of_owner(owner_id) == before
    assert await Tally.find({"owner_id": owner_id}).count() == 1
    assert owner_id not in await Tally.long_ones()


async def test_lines_written_while_two_fold_are_not_lost(add, owner_id):
    for _ in range(10):
        await add(image_count=1)
    folds = [transactions.run(lambda transaction: Tally.fold(owner_id, transaction)) for _ in range(3)]

    await asyncio.gather(*folds, *(add(image_count=1) for _ in range(10)))

    assert await Tally.of_owner(owner_id) == Share(20, 0)
