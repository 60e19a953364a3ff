"""What the stand-in keeps: objects, parts and their sums, with or without their bytes."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class Kept:
    """An object, or a part of one. `files` hold its bytes one after the other, if bytes are kept.

    `crc32` and `sha256` are in base64; the latter is there if somebody said what it is. The sums of an object of several parts are sums of their sums.
    """

    size_bytes: int
    etag: str
    crc32: str
    files: Sequence[Path]
    sha256: str | None = None
    written_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    async def of(cls, pieces: AsyncIterator[bytes], path: Path | None, *, with_sha256: bool) -> Self:
        """Counted, summed up and, with a path, written there."""
        md5, crc32, size_bytes = hashlib.md5(usedforsecurity=False), 0, 0
        sha256 = hashlib.sha256() if with_sha256 else None
        file = path.open("wb") if path else None
        try:
            async for piece in pieces:
                md5.update(piece)
                crc32 = zlib.crc32(piece, crc32)
                if sha256:
                    sha256.update(piece)
                size_bytes += len(piece)
                if file:
                    file.write(piece)
        finally:
            if file:
                file.close()
        return cls(
            size_bytes,
            md5.hexdigest(),
            _base64(crc32.to_bytes(4, "big")),
            [path] if path else [],
            _base64(sha256.digest()) if sha256 else None,
        )

    @classmethod
    def joined(cls, parts: Sequence[Kept]) -> Self:
        """One object of all parts; its sums are sums of sums, as S3's are."""
        etags = b"".join(bytes.fromhex(part.etag) for part in parts)
        sums = b"".join(base64.b64decode(part.crc32) for part in parts)
        return cls(
            sum(part.size_bytes for part in parts),
            f"{hashlib.md5(etags, usedforsecurity=False).hexdigest()}-{len(parts)}",
            f"{_base64(zlib.crc32(sums).to_bytes(4, 'big'))}-{len(parts)}",
            [file for part in parts for file in part.files],
        )

    @property
    def headers(self) -> dict[str, str]:
        """What is said of it with its bytes."""
        return {
            "content-type": "binary/octet-stream",
            "etag": f'"{self.etag}"',
            "last-modified": format_datetime(self.written_at, usegmt=True),
            "accept-ranges": "bytes",
        }

    def read(self, start: int, end: int, piece_bytes: int) -> Iterator[bytes]:
        """The bytes from `start` up to `end`."""
        for path in self.files:
            size_bytes = path.stat().st_size
            with path.open("rb") as file:
                file.seek(min(start, size_bytes))
                while piece := file.read(max(min(piece_bytes, end - file.tell()), 0)):
                    yield piece
            start, end = max(start - size_bytes, 0), end - size_bytes

    def remove(self) -> None:
        """Its bytes."""
        for path in self.files:
            path.unlink()


@dataclass
class Multipart:
    """An object on its way in, by the numbers of its parts."""

    key: str
    parts: dict[int, Kept] = field(default_factory=dict)
    begun_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass
class Bucket:
    """Objects by key, multipart uploads by id."""

    objects: dict[str, Kept] = field(default_factory=dict)
    uploads: dict[str, Multipart] = field(default_factory=dict)

    def put(self, key: str, kept: Kept) -> None:
        """In the place of what has that key."""
        self.delete(key)
        self.objects[key] = kept

    def delete(self, key: str) -> None:
        """It, if there is one."""
        if kept := self.objects.pop(key, None):
            kept.remove()

    def abort(self, upload_id: str) -> None:
        """Forgets an upload with its parts."""
        for part in self.uploads.pop(upload_id).parts.values():
            part.remove()

    def forget(self) -> None:
        """Everything."""
        for key in list(self.objects):
            self.delete(key)
        for upload_id in list(self.uploads):
            self.abort(upload_id)


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
