"""A slice of a growing list, and the cursors that lead on from it."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from beanie import PydanticObjectId
from bson import ObjectId

Item = TypeVar("Item")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ID_BYTES = 12


@dataclass(frozen=True)
class Position:
    """A place in a list ordered by `created_at`, then by id. Opaque to clients: what `encode` makes, `decode` reads."""

    created_at: datetime
    id: PydanticObjectId

    @classmethod
    def of(cls, created_at: datetime, document_id: PydanticObjectId | None) -> Position:
        """Where a stored document lies."""
        return cls(created_at, PydanticObjectId(document_id))

    def encode(self) -> str:
        """Milliseconds since 1970, then the id; BSON keeps no finer time."""
        milliseconds = (self.created_at - EPOCH) // timedelta(milliseconds=1)
        return base64.urlsafe_b64encode(milliseconds.to_bytes(8, "big") + self.id.binary).decode()

    @classmethod
    def decode(cls, cursor: str) -> Position | None:
        """None for whatever `encode` did not make."""
        try:
            raw = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
            created_at = EPOCH + timedelta(milliseconds=int.from_bytes(raw[:-ID_BYTES], "big"))
            position = cls(created_at, PydanticObjectId(ObjectId(raw[-ID_BYTES:])))
        except (ValueError, OverflowError, TypeError, binascii.Error):
            return None
        return position if position.encode() == cursor else None


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some of a list, in its order, and whether there is more on either side."""

    items: list[Item]
    has_next: bool
    has_previous: bool
