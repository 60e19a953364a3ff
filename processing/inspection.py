"""What a file turns out to be while its bytes pass, before any document refers to them."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from errors import CorruptImageError, FileTooLargeError
from models import words
from models.image import StoredAt
from processing.probe import Limits, Probe
from processing.quota import Reservation


@dataclass(frozen=True)
class Received:
    """An original-to-be at `stored_at`; `filename` is safe to show."""

    filename: str
    media_type: str
    size_bytes: int
    width_px: int
    height_px: int
    frame_count: int
    checksum_sha256: str
    stored_at: StoredAt

    @property
    def facts(self) -> dict[str, Any]:
        """What an image says of its original, field by field."""
        return {
            "filename": self.filename,
            "sort_name": words.sort_name(self.filename),
            "media_type": self.media_type,
            "size_bytes": self.size_bytes,
            "width_px": self.width_px,
            "height_px": self.height_px,
            "frame_count": self.frame_count,
            "checksum_sha256": self.checksum_sha256,
            "storage": self.stored_at,
        }


@dataclass(frozen=True)
class Declared:
    """What was said of a file's bytes before they came, the checksum perhaps."""

    size_bytes: int
    checksum_sha256: str | None


class Inspection:
    """Looks at bytes while they pass: their number, their checksum, what they are, and whether they were declared so.

    `on_end` is called when all have passed and nothing is wrong with them.
    """

    def __init__(
        self,
        limit_bytes: int,
        limits: Limits,
        reservation: Reservation,
        *,
        declared: Declared | None = None,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self._on_end = on_end
        self._reservation = reservation
        self._declared = declared
        self._limit_bytes = limit_bytes
        self._probe = Probe(limits)
        self._checksum = hashlib.sha256()
        self.size_bytes = 0

    async def passing(self, pieces: AsyncIterator[bytes | memoryview]) -> AsyncIterator[bytes | memoryview]:
        """The same pieces; raises as soon as they turn out to be nothing that is taken in."""
        async for piece in pieces:
            self.size_bytes += len(piece)
            if self.size_bytes > self._limit_bytes:
                raise FileTooLargeError(self._limit_bytes)
            await self._reservation.expect(self.size_bytes)
            self._probe.feed(piece)
            self._checksum.update(piece)
            yield piece
        self._compare()
        self.probed = self._probe.finish()
        self._on_end()

    def sha256(self) -> bytes:
        """The checksum of what has passed."""
        return self._checksum.digest()

    def received(self, filename: str, stored_at: StoredAt) -> Received:
        """What has passed, all of it."""
        return Received(
            filename=filename,
            media_type=self.probed.media_type,
            size_bytes=self.size_bytes,
            width_px=self.probed.width_px,
            height_px=self.probed.height_px,
            frame_count=self.probed.frame_count,
            checksum_sha256=self._checksum.hexdigest(),
            stored_at=stored_at,
        )

    def _compare(self) -> None:
        """Raises if these are not the bytes that were declared."""
        if self._declared is None:
            return
        size_bytes, declared = self._declared.size_bytes, self._declared.checksum_sha256
        if self.size_bytes != size_bytes:
            raise CorruptImageError(
                f"{self.size_bytes:,} bytes have arrived, {size_bytes:,} were declared. Send the file anew."
            )
        if declared not in (None, checksum := self._checksum.hexdigest()):
            raise CorruptImageError(
                f"The bytes that arrived have the SHA-256 {checksum}, another was declared. Send the file anew."
            )
