"""Expanders, dispatchers, workers and an owner who keeps changing the mind, all at once and killed now and then."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime

import pytest

import failpoints
from errors import LeaseLostError, WrongStateError
from failpoints import InjectedError
from models.batch import Batch
from processing.batches import controls
from processing.batches.dealing import deal
from tests.processing.batches import batches
from tests.processing.batches.batches import exact, failed, postponed, succeeded

pytestmark = pytest.mark.mongo
SHORT, LONG = range(3), range(3, 40)
STEPS = ("expanding", "expanded", "dealing", "dealt", "controlling", "controlled", "ending", "ended")
MOST_ROUNDS = 3


class Chaos:
    """What goes on around some batches of one owner, until all of them have come to their end."""

    def __init__(self, owned, storage, queue, outcomes, seed):
        self.owned, self.storage, self.queue, self.outcomes = owned, storage, queue, outcomes
        self.owner_id = owned[0].owner_id
        self.random = random.Random(seed)
        self.is_calm = False

    async def run(self):
        async with asyncio.timeout(120), asyncio.TaskGroup() as tasks:
            for each in (self.expand, self.expand, self.deal, self.deal, self.work, self.work, self.fall):
                tasks.create_task(self.until_the_end(each))
            tasks.create_task(self.change_the_mind())

    async def until_the_end(self, act):
        while not await self.is_over():
            try:
                await act()
            except InjectedError:
                continue
            await asyncio.sleep(self.random.uniform(0, 0.02))

    async def is_over(self):
        found = [await Batch.get(batch.id) for batch in self.owned]
        over = all(batch.is_finished and batch.is_expanded for batch in found)
        return self.is_calm and over

    async def expand(self):
        for batch in self.owned:
            await batches.expand(batch, self.storage, self.queue, items_per_chunk=4)

    async def deal(self):
        await deal(self.owner_id, 6, self.queue)

    async def work(self):
        for batch in self.owned:
            for unit in await batches.running(batch):
                try:
                    await self.outcomes.end(self.some_end(unit))
                except LeaseLostError:
                    continue

    def some_end(self, unit):
        draw = self.random.random()
        if draw < 0.2:
            return postponed(unit, datetime.now(UTC))
        return failed(unit) if draw < 0.4 else succeeded(unit)

    async def fall(self):
        """A step fails now and then."""
        step, number = self.random.choice(STEPS), self.random.randint(1, 3)
        failpoints.arm([] if self.is_calm else failpoints.parsed(f"batch.{step}:error@{number}"))

    async def change_the_mind(self):
        for _ in range(25):
            batch = await Batch.get(self.random.choice(self.owned).id)
            changes = [controls.pause, controls.resume, controls.resume]
            changes += [controls.retry] if batch.round < MOST_ROUNDS else []
            changes += [controls.cancel] if self.random.random() < 0.1 else []
            await self.change(self.random.choice(changes), batch)
            await asyncio.sleep(self.random.uniform(0, 0.05))
        self.is_calm = True
        failpoints.arm([])
        for batch in self.owned:
            await self.change(controls.resume, batch)

    async def change(self, change, batch):
        try:
            await change(self.owner_id, batch.id, self.queue)
        except (WrongStateError, InjectedError):
            return


@pytest.mark.parametrize("seed", [*SHORT, *(pytest.param(seed, marks=pytest.mark.long) for seed in LONG)])
async def test_whatever_happens_at_once_every_item_ends_once_in_each_round(
    submit, storage, queue, outcomes, seed
):
    rows = ["ab", "ca", "bde", "f", "agh", "i", "jk", "bl"]
    owned = [await submit(*rows), await submit(*rows[:4])]

    await Chaos(owned, storage, queue, outcomes, seed).run()

    for batch in owned:
        ended = await exact(batch)
        assert (ended.is_finished, ended.counts.pending, ended.counts.running) == (True, 0, 0)
