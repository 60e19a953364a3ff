"""Objects, such as those of an image, copied to another storage, byte for byte; nobody refers to the copies yet."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from models.holdings import Holding
from models.image import StoredAt, Variant
from processing import cleanup
from storage import keys
from storage.base import Storage


class DamagedError(Exception):
    """An object is not what its document says; the text says what is wrong with it."""


@dataclass(frozen=True)
class Copy:
    """Where an image's objects lie too."""

    stored_at: StoredAt
    variants: list[Variant]

    @property
    def keys(self) -> list[str]:
        """Of the original and the presets."""
        return [self.stored_at.key, *(variant.key for variant in self.variants)]


@dataclass(frozen=True)
class Copier:
    """Copies from `source` to `target`, and with `verify` reads back what the target has kept."""

    source: Storage
    target: Storage
    verify: bool = True

    async def copy(self, holding: Holding) -> Copy:
        """Copies the original and the presets, under keys of their own.

        Raises:
            DamagedError: What the source gives, or what the target has kept, is not what it should be.
            ObjectNotFoundError: The source lacks one of them.
            StorageError: A provider does not answer.
                After any of them nothing of the copy is left, unless the target cannot delete it.
        """
        key = keys.next_original(str(holding.owner_id), str(holding.image_id))
        copy = Copy(StoredAt(kind=self.target.kind, key=key), [])
        try:
            await self._copy(holding.stored_at.key, key, holding.size_bytes, holding.checksum_sha256)
            for variant in holding.variants:
                copied = variant.model_copy(update={"key": keys.variant(key, variant.name)})
                copy.variants.append(copied)
                await self._copy(variant.key, copied.key, variant.size_bytes)
        except BaseException:
            await self.discard(copy)
            raise
        return copy

    async def copy_alone(self, key: str, to_key: str) -> Copy:
        """Copies an object of which nothing is on record; with `verify`, what is kept is compared with what was read.

        Raises:
            As `copy`.
        """
        copy = Copy(StoredAt(kind=self.target.kind, key=to_key), [])
        size_bytes = (await self.source.head(key)).size_bytes
        try:
            await self._copy(key, to_key, size_bytes)
        except BaseException:
            await self.discard(copy)
            raise
        return copy

    async def discard(self, copy: Copy) -> None:
        """Removes what nobody refers to; a failure leaves strays, and changes nothing of why it is done."""
        for key in copy.keys:
            await cleanup.to_the_end(self.target.delete(key), "the copies of what was not moved")

    async def _copy(self, key: str, to_key: str, size_bytes: int, checksum: str | None = None) -> None:
        read = _Checked(key, size_bytes, checksum)
        async with aclosing(self.source.get(key)) as pieces:
            await self.target.put(to_key, read.passing(pieces))
        if self.verify:
            kept = _Checked(to_key, size_bytes, read.checksum_sha256)
            async with aclosing(self.target.get(to_key)) as pieces:
                async for _ in kept.passing(pieces):
                    pass


class _Checked:
    """Bytes on their way, of which the size and perhaps the checksum are known."""

    def __init__(self, key: str, size_bytes: int, checksum_sha256: str | None) -> None:
        self._key = key
        self._size_bytes = size_bytes
        self._expected = checksum_sha256
        self._hash = hashlib.sha256()
        self._passed_bytes = 0

    @property
    def checksum_sha256(self) -> str:
        """Of all that has passed, in hex."""
        return self._hash.hexdigest()

    async def passing(self, pieces: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        """The same pieces; raises `DamagedError` behind the last one if they are not what was expected."""
        async for piece in pieces:
            self._passed_bytes += len(piece)
            self._hash.update(piece)
            yield piece
        if self._passed_bytes != self._size_bytes:
            raise DamagedError(f"{self._key}: {self._passed_bytes} bytes instead of {self._size_bytes}")
        if self._expected not in (None, self.checksum_sha256):
            raise DamagedError(f"{self._key}: its SHA-256 is not the one that is on record")
