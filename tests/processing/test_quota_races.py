"""Counting anew while images come and go never loses a byte, and at rest is right to the byte."""

from __future__ import annotations

import asyncio
import random

import pytest
from beanie import PydanticObjectId

from errors import QuotaExceededError
from models import transactions
from models.allowance import Allowance
from models.tally import Tally
from processing import quota
from processing.counting import Counter

pytestmark = pytest.mark.mongo
LIMIT = 5_000


class Life:
    """What an owner does, at moments of chance; `most_bytes` is the most that the tally ever held."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.owner_id = PydanticObjectId()
        self.images = []
        self.processes = [quota.limited_to(LIMIT), quota.limited_to(LIMIT)]
        self.most_bytes = 0

    async def moment(self):
        await asyncio.sleep(self.chance.uniform(0, 0.01))

    async def come(self):
        size_bytes = self.chance.randint(1, 800)
        await self.moment()
        async with self.chance.choice(self.processes).reservation(self.owner_id) as reservation:
            await reservation.expect(size_bytes)
            await self.moment()
            await reservation.reserve(size_bytes)
            await self.moment()
            if self.chance.random() < 0.2:
                return  # a duplicate
            line = Tally(owner_id=self.owner_id, image_count=1, stored_bytes=size_bytes)
            await transactions.run(lambda transaction: Tally.add([reservation.used_by(line)], transaction))
            await self.moment()
            if self.chance.random() < 0.1:
                raise LookupError  # behind the commit
            await reservation.settle()
        self.images.append(size_bytes)

    async def go(self):
        await self.moment()
        if self.images:
            line = Tally(owner_id=self.owner_id, image_count=-1, stored_bytes=-self.images.pop())
            await transactions.run(lambda transaction: Tally.add([line], transaction))

    async def count(self):
        await self.moment()
        await Counter().count(self.owner_id)

    async def fold(self):
        await self.moment()
        await transactions.run(lambda transaction: Tally.fold(self.owner_id, transaction))

    async def watch(self):
        while True:
            kept_bytes = await Tally.stored_bytes_without(self.owner_id, [])
            self.most_bytes = max(self.most_bytes, kept_bytes)
            await self.moment()


@pytest.mark.parametrize("seed", range(25))
async def test_no_race_between_counting_settling_and_folding_lets_the_count_drift(database, seed):
    life = Life(seed)
    watching = asyncio.create_task(life.watch())
    acts = (
        [life.come() for _ in range(20)] + [life.count() for _ in range(15)] + [life.fold() for _ in range(3)]
    )
    life.chance.shuffle(acts)
    async with asyncio.timeout(60):
        ended = await asyncio.gather(*acts, return_exceptions=True)
    watching.cancel()

    kept_bytes = (await Tally.of_owner(life.owner_id)).stored_bytes
    faults = sum(isinstance(end, LookupError) for end in ended)
    assert {type(end) for end in ended if end} <= {QuotaExceededError, LookupError}
    assert max(life.most_bytes, kept_bytes) <= LIMIT
    allowance = await Allowance.get(life.owner_id)
    assert allowance.reservations == []
    if not faults:
        assert allowance.stored_bytes == kept_bytes
    assert await Counter().count(life.owner_id)
    assert (await Allowance.get(life.owner_id)).stored_bytes == kept_bytes


@pytest.mark.parametrize("seed", range(10))
async def test_coming_and_going_never_holds_more_than_the_quota(database, seed):
    life = Life(seed)
    watching = asyncio.create_task(life.watch())
    acts = [life.come() for _ in range(25)] + [life.go() for _ in range(10)]
    life.chance.shuffle(acts)
    async with asyncio.timeout(60):
        ended = await asyncio.gather(*acts, return_exceptions=True)
    watching.cancel()

    assert {type(end) for end in ended if end} <= {QuotaExceededError, LookupError}
    kept_bytes = (await Tally.of_owner(life.owner_id)).stored_bytes
    assert max(life.most_bytes, kept_bytes) <= LIMIT
    async with life.processes[0].reservation(life.owner_id) as rest:
        await rest.reserve(LIMIT - kept_bytes)
