"""The queue whose workers are woken by Kafka.

The `work` collection stays the truth and the outbox: who publishes needs no broker. A relay announces what is ready;
whoever receives an announcement takes the lease on that item, or passes over what is taken or done. So messages may
come twice, late or never, and partitions may go from worker to worker: each item is one worker's at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from beanie import PydanticObjectId

from models.work import Topic, Work
from processing.queue.base import LeasedItem
from processing.queue.kafka import messages
from processing.queue.kafka.access import Access
from processing.queue.kafka.broker import Broker
from processing.queue.kafka.line import Line
from processing.queue.kafka.relay import Relay
from processing.queue.kafka.topics import Topics
from processing.queue.leasing import LEASE_SECONDS, Leasing


class KafkaQueue(Leasing):
    """Consumer groups, one for each topic. A process that consumes nothing never connects."""

    kind = "kafka"

    def __init__(self, access: Access, topics: Topics, lease_seconds: float = LEASE_SECONDS) -> None:
        super().__init__(lease_seconds)
        self._broker = Broker(access, topics)
        self._relay = Relay(self._broker)
        self._lines = {topic: Line(self._broker, topic) for topic in Topic}

    async def consume(self, topic: Topic, most: int) -> Sequence[LeasedItem]:
        self._relay.start()
        line = self._lines[topic]
        async with line.turn:
            while True:
                announced = await line.first(most)
                work_ids = [announcement.id for _, announcement in announced]
                leased = await self._take_whole(partial(_take, work_ids, topic))
                for message, _ in announced:
                    line.settle(message)
                if leased:
                    return leased

    async def bury(self, leased: LeasedItem, reason: str) -> bool:
        """The letter is in Kafka before the item is gone; while Kafka is silent, the item comes again."""
        if not await self.extend([leased]):
            return False
        await self._broker.send(self._broker.topics.dead_letters, [(0, messages.dead_letter(leased, reason))])
        return await super().bury(leased, reason)

    async def check(self) -> None:
        await self._broker.check()

    async def close(self) -> None:
        await self._relay.close()
        for line in self._lines.values():
            await line.close()
        await self._broker.close()

    def _wake(self) -> None:
        self._relay.wake()


async def _take(
    work_ids: Sequence[PydanticObjectId], topic: Topic, lease: str, lease_seconds: float
) -> Sequence[Work]:
    ready = await Work.ready_ones(work_ids, topic)
    return await Work.take(ready, lease, lease_seconds) if ready else []
