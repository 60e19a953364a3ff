"""What is said over Kafka. Ids only: whoever works reads the documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from beanie import PydanticObjectId
from bson.errors import InvalidId

from processing.queue.base import LeasedItem


@dataclass(frozen=True)
class Announcement:
    """A work item is ready to be taken, since `ready_at_ms` of the Unix epoch."""

    id: PydanticObjectId
    topic: str
    ready_at_ms: int

    def encoded(self) -> bytes:
        """As it is sent."""
        return orjson.dumps({"id": str(self.id), "topic": self.topic, "ready_at_ms": self.ready_at_ms})


def decoded(value: bytes | None) -> Announcement | None:
    """What was sent; None if it is no announcement, for anybody may write to a topic."""
    try:
        fields: Any = orjson.loads(value or b"")
        return Announcement(PydanticObjectId(fields["id"]), str(fields["topic"]), int(fields["ready_at_ms"]))
    except (ValueError, TypeError, LookupError, OverflowError, InvalidId):
        return None


def dead_letter(leased: LeasedItem, reason: str) -> bytes:
    """What is told of an item that no attempt could finish."""
    item = leased.item
    return orjson.dumps(
        {
            "id": str(item.id),
            "topic": item.topic,
            "kind": item.kind,
            "subject_id": str(item.subject_id),
            "owner_id": str(item.owner_id),
            "attempt_count": leased.attempt,
            "reason": reason,
        }
    )
