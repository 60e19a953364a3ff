"""What came in of a topic's partitions and is not settled yet."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from aiokafka import ConsumerRecord, TopicPartition
from beanie import PydanticObjectId

from processing.queue.kafka import messages
from processing.queue.kafka.messages import Announcement


@dataclass(eq=False)
class Message:
    """One message at its place. Without an announcement there is nothing to do about it."""

    partition: TopicPartition
    offset: int
    announcement: Announcement | None


class Inbox:
    """Each partition in its order; of all partitions, what has waited longest comes first.

    A partition is settled up to the first message about which something is still to be done.
    """

    def __init__(self) -> None:
        self._waiting: dict[TopicPartition, deque[Message]] = {}
        self._settled: dict[TopicPartition, int] = {}

    def add(self, received: Mapping[TopicPartition, Iterable[ConsumerRecord]]) -> None:
        """Takes in what was received."""
        for partition, records in received.items():
            self._waiting.setdefault(partition, deque()).extend(
                Message(partition, record.offset, messages.decoded(record.value)) for record in records
            )
            self._settle_front(partition)

    def drop(self, partitions: Collection[TopicPartition]) -> None:
        """Forgets partitions that are somebody else's now, who reads them from where they were saved."""
        for partition in partitions:
            self._waiting.pop(partition, None)
            self._settled.pop(partition, None)

    def ids(self) -> set[PydanticObjectId]:
        """The items that are announced."""
        return {
            message.announcement.id
            for waiting in self._waiting.values()
            for message in waiting
            if message.announcement
        }

    def pass_over(self, work_ids: Collection[PydanticObjectId]) -> None:
        """About these items there is nothing to do any more."""
        for partition, waiting in self._waiting.items():
            for message in waiting:
                if message.announcement and message.announcement.id in work_ids:
                    message.announcement = None
            self._settle_front(partition)

    def first(self, most: int) -> list[tuple[Message, Announcement]]:
        """The messages about the items that have waited longest, `most` of them."""
        lines = [
            ((message, message.announcement) for message in waiting if message.announcement)
            for waiting in self._waiting.values()
        ]
        return list(islice(heapq.merge(*lines, key=lambda found: found[1].ready_at_ms), most))

    def settle(self, message: Message) -> None:
        """The state of its item is written. Of a partition that was dropped meanwhile, nothing is remembered."""
        message.announcement = None
        self._settle_front(message.partition)

    def take_settled(self) -> dict[TopicPartition, int]:
        """Up to where partitions are settled, each told once."""
        settled, self._settled = self._settled, {}
        return settled

    def _settle_front(self, partition: TopicPartition) -> None:
        waiting = self._waiting.get(partition)
        while waiting and waiting[0].announcement is None:
            self._settled[partition] = waiting.popleft().offset + 1
