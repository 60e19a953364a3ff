"""What happens to the machines: deaths at named steps and at any moment, outages, work that comes twice."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from tests.faults import nemesis
from tests.faults.batches.deliveries import Deliveries
from tests.faults.batches.machines import API, DATABASE, PROCESSES, WORKERS, Machines
from tests.kafka import raw

OF_BATCHES = {
    API: ("submit.stored", "submit.committing", "submit.committed", "batch.controlling", "batch.controlled",
          "batch.deleted"),
    "worker": ("unit.started", "unit.fetched", "unit.stored", "batch.expanding", "batch.expanded", "batch.dealing",
               "batch.dealt", "batch.concluding", "batch.forgetting", "batch.ending", "batch.ended", "webhook.sent",
               "adorn.committed"),
}  # fmt: skip
STEPS = {
    API: OF_BATCHES[API] + nemesis.PROCESSES["serve"],
    "worker": OF_BATCHES["worker"] + nemesis.PROCESSES["worker"],
}
OFTEN = (
    "unit.started",
    "unit.fetched",
    "unit.stored",
    "batch.dealing",
    "batch.dealt",
    "batch.ending",
    "batch.ended",
)
LATEST_STRIKE = 4
RARE, RARELY = 0.2, ("mongod cut", "mongod frozen", "kafka cut", "group moved back")
PATIENCE_SECONDS = 30
"""For a step to come in one process. Then another one is armed there, and this one later. The last ones are armed in all
processes of their kind, since it may be the other one that comes to it.
"""
GROUP_SECONDS = 30
"""For a group of Kafka to find out who of it has died, and to let others in: nothing is taken until then."""

LIFE_BOOTS = 3
"""How long a process at least lives that dies for no step."""

LOOK_SECONDS = 0.05
REWIND_WITHIN_SECONDS = 30


class Furies:
    """Rage until each of the `steps` was struck, everything else has happened, and `seconds` are over."""

    def __init__(
        self, machines: Machines, deliveries: Deliveries, seed: int, steps: Sequence[str], seconds: float
    ) -> None:
        self._machines = machines
        self._deliveries = deliveries
        self._random = random.Random(seed)
        self._seconds = seconds
        self._to_strike = {
            kind: self._random.sample(wanted, len(wanted))
            for kind, known in STEPS.items()
            for wanted in [[step for step in known if step in steps]]
        }
        self._patience_seconds = PATIENCE_SECONDS + (GROUP_SECONDS if machines.kafka else 0)
        self._armed: dict[str, str] = {}
        self._held: set[str] = set()
        self.is_done = False
        self.happened: Counter[str] = Counter()

    async def rage(self) -> None:
        """Afterwards all machines are there, and none will die of itself."""
        until = time.monotonic() + self._seconds
        watching = asyncio.create_task(self._watch())
        for name in PROCESSES:
            self._kill(name)
        try:
            while not self._is_over(watching, until):
                await asyncio.sleep(self._machines.boot_seconds * self._random.uniform(0.3, 1.5))
                if name := self._next(is_over=time.monotonic() > until):
                    await self._happen(name)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        self._revive()
        self.is_done = True

    def _next(self, *, is_over: bool) -> str | None:
        """What has not happened yet, then whatever may until it is over; the power is seldom cut."""
        known = sorted(self._mischief)
        if new := [name for name in known if name not in self.happened]:
            return self._random.choice(new)
        if is_over:
            return None
        return self._random.choices(known, [RARE if name in RARELY else 1 for name in known])[0]

    def _is_over(self, watching: asyncio.Task[None], until: float) -> bool:
        if watching.done():
            watching.result()
        has_struck = not self._armed and not any(self._to_strike.values())
        return has_struck and self._mischief.keys() <= self.happened.keys() and time.monotonic() > until

    @property
    def _mischief(self) -> dict[str, Callable[[], Awaitable[None]]]:
        always: dict[str, Callable[[], Awaitable[None]]] = {
            "killed": self._kill_one,
            "delivered again": self._deliveries.again,
            "delivered at once": self._deliveries.at_once,
            "mongod cut": self._machines.cut_mongod,
            "mongod frozen": self._machines.freeze_mongod,
        }
        if self._machines.provider:
            always |= {
                f"provider {how}": partial(self._machines.disturb_provider, how)
                for how in self._machines.provider.names
            }
        if not (kafka := self._machines.kafka):
            return always
        with_kafka = {
            "announced again": lambda: self._deliveries.announce_again(kafka),
            "kafka cut": self._machines.cut_kafka,
            "group moved back": self._rewind,
        }
        return {**always, **with_kafka}

    async def _happen(self, name: str) -> None:
        try:
            await self._mischief[name]()
        except (PyMongoError, KafkaError, TimeoutError, OSError):
            return  # its own victim
        self.happened[name] += 1

    async def _kill_one(self) -> None:
        life_seconds = LIFE_BOOTS * self._machines.boot_seconds
        if old := [name for name in PROCESSES if self._machines.age_seconds(name) > life_seconds]:
            self._kill(self._random.choice(old))

    def _kill(self, name: str) -> None:
        """Kills it now, wherever it should have died."""
        self._put_back(name)
        self._machines.kill(name)

    async def _rewind(self) -> None:
        """Both workers are away for as long as their group remembers them."""
        assert self._machines.kafka
        topic = f"{DATABASE}.batches"
        self._held = set(WORKERS)
        try:
            for name in WORKERS:
                self._kill(name)
            async with asyncio.timeout(REWIND_WITHIN_SECONDS):
                while not await self._is_rewound(topic):  # noqa: ASYNC110 - another server forgets them
                    await asyncio.sleep(1)
        finally:
            self._held = set()

    async def _is_rewound(self, topic: str) -> bool:
        assert self._machines.kafka
        try:
            await raw.rewind(self._machines.kafka, topic, topic)
        except KafkaError:
            return False
        return True

    async def _watch(self) -> None:
        while True:
            for name in set(PROCESSES) - self._held:
                if self._machines.is_dead(name):
                    self._note(name)
                    self._arm(name)
                elif name in self._armed and self._is_in_vain(name):
                    self._kill(name)
            await asyncio.sleep(LOOK_SECONDS)

    def _note(self, name: str) -> None:
        """Whoever was armed, and was not killed by us, died where it should, or of a database that is away."""
        if name not in self._armed:
            return
        if self._machines.was_killed(name):
            self.happened[self._armed.pop(name)] += 1
        else:
            self._put_back(name)

    def _arm(self, name: str) -> None:
        step = self._step_for(name)
        if step is None:
            self._machines.start(name)
            return
        self._armed[name] = step
        latest = LATEST_STRIKE if step in OFTEN else 1
        self._machines.start(name, f"{step}:kill@{self._random.randint(1, latest)}")

    def _step_for(self, name: str) -> str | None:
        """One that was not struck yet, nobody waits for it if possible; None if there is none."""
        if left := self._left(name):
            return left.pop(0)
        waited_for = (self._armed.get(other) for other in (() if name == API else WORKERS))
        return next((step for step in waited_for if step and step not in self.happened), None)

    def _is_in_vain(self, name: str) -> bool:
        return self._armed[name] in self.happened or self._machines.age_seconds(name) > self._patience_seconds

    def _put_back(self, name: str) -> None:
        """What it was armed for is still to be struck, unless it was, or somebody else is armed for it."""
        step = self._armed.pop(name, None)
        if step and step not in self.happened and step not in self._armed.values():
            self._left(name).append(step)

    def _left(self, name: str) -> list[str]:
        return self._to_strike[API if name == API else "worker"]

    def _revive(self) -> None:
        for name in PROCESSES:
            if self._machines.is_dead(name):
                self._machines.start(name)
