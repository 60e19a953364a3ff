"""What is asked of the codec, and what it answers: the seam between the worker and the processes that decode."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from models.values import Compression, Failure, MetadataPolicy
from processing.codec.orders import Developed, Development, Rendering


@dataclass(frozen=True)
class Wish:
    """How an image is to be made smaller, and what it may still say of who took it, where and with what."""

    compression: Compression
    policy: MetadataPolicy


@dataclass(frozen=True)
class Compressed:
    """An image made smaller: upright, its alpha and animation kept, never more bytes than what it was made of.

    `kept_original` says that it is what came in, but for what the policy takes out. `content` is good for as long as
    the slot that it came from is open.
    """

    content: memoryview
    media_type: str
    width_px: int
    height_px: int
    kept_original: bool


class CompressionError(Exception):
    """What was asked of the codec could not be made; `failure` says why, and whether another try may help."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class Slot(Protocol):
    """Room for one image on its way through the codec."""

    def write(self, piece: bytes | bytearray | memoryview) -> None:
        """Appends to the image."""
        ...

    @property
    def content(self) -> memoryview:
        """What was written so far; good for as long as the slot is open."""
        ...

    async def compress(self, wish: Wish) -> Compressed:
        """The image, made smaller. Waits until a process is free.

        Raises:
            CompressionError: It cannot be. The process that tried may have died of it; no other image is touched.
        """
        ...

    async def develop(self, order: Development) -> Developed:
        """All that an image has from the beginning. Waits and raises as `compress` does."""
        ...

    async def render(self, order: Rendering) -> memoryview:
        """The bytes of a variant on demand, good for as long as the slot is open. Waits and raises as `compress` does."""
        ...


class Codec(Protocol):
    """Makes images smaller, so many at once as there are processes."""

    def slot(self) -> AbstractAsyncContextManager[Slot]:
        """Room for an image, for the length of the block. Waits for some."""
        ...
