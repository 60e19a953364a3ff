"""Places in the order in which MongoDB commits, and the cursors that lead on from them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bson import Timestamp

BEGINS_WITH = "82"
"""MongoDB's mark of a timestamp, with which every resume token begins."""

SHORTEST_BYTES, LONGEST_BYTES = 9, 1_024


@dataclass(frozen=True, order=True, slots=True)
class Moment:
    """A place in the order of commits: right behind a change, or where a cluster time begins.

    `key` is a change stream's resume token, or the beginning of one: a KeyString in upper-case hex. Keys compare as
    text in the order of commits: first come eight digits of seconds and eight of a counter, then what tells the
    changes of one time apart. To clients it is opaque: what `encode` makes, `decode` reads.
    """

    key: str

    @classmethod
    def of(cls, token: Mapping[str, Any]) -> Moment:
        """The place that a resume token stands for."""
        return cls(token["_data"])

    @classmethod
    def at(cls, time: Timestamp) -> Moment:
        """Before the first change of this cluster time."""
        return cls(f"{BEGINS_WITH}{time.time:08X}{time.inc:08X}")

    @property
    def time(self) -> Timestamp:
        """The cluster time; changes of this very time may lie on either side."""
        return Timestamp(int(self.key[2:10], 16), int(self.key[10:18], 16))

    def encode(self) -> str:
        """The key's bytes, in base64."""
        return base64.urlsafe_b64encode(bytes.fromhex(self.key)).decode().rstrip("=")

    @classmethod
    def decode(cls, cursor: str) -> Moment | None:
        """None for what `encode` cannot have made."""
        try:
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            raw = base64.b64decode(padded, altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            return None
        moment = cls(raw.hex().upper())
        is_whole = SHORTEST_BYTES <= len(raw) <= LONGEST_BYTES and moment.key.startswith(BEGINS_WITH)
        return moment if is_whole and moment >= BEGINNING and moment.encode() == cursor else None


BEGINNING = Moment.at(Timestamp(1, 0))
"""Before everything."""
