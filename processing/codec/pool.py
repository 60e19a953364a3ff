"""Images decoded in processes of their own, so that what an image does to one is done to no other image.

A mother process (`mother.py`) forks a child for each processor, within milliseconds once she runs. A child has one
image at a time, in memory that it shares with the worker (`memory.py`), and bounds on what it may use for it. One that
dies, or does not answer, is replaced when the next image comes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import structlog

from processing.codec import endings, listening, orders, pixels, wire
from processing.codec.admission import Admission
from processing.codec.base import Compressed, CompressionError, Slot, Wish
from processing.codec.memory import SharedMemory
from processing.codec.nursery import Nursery
from processing.codec.orders import Developed, Development, Facts, Rendering
from processing.probe import Limits

PIXELS_PER_CHILD: Final = 25_000_000
"""Paths that hold a whole picture take 3 to 8 bytes for each of its pixels."""

SLOTS_PER_CHILD: Final = 4
"""While one image is compressed, others are fetched or stored."""

ENGINE: Final = "processing.codec.engine"

log = structlog.get_logger()


@dataclass(frozen=True)
class Bounds:
    """What one image may use, beside what a process has anyway. Wall time is what a process that hangs is given."""

    cpu_seconds: float = 10
    cpu_seconds_per_megapixel: float = 1
    wall_seconds: float = 60
    wall_seconds_per_megapixel: float = 4
    memory_bytes: int = 768 * 2**20

    def cpu(self, pixels: int) -> float:
        """In seconds, of an image of so many pixels."""
        return self.cpu_seconds + self.cpu_seconds_per_megapixel * pixels / 1e6

    def wall(self, pixels: int) -> float:
        """In seconds, of an image of so many pixels: others may be at work beside it."""
        return self.wall_seconds + self.wall_seconds_per_megapixel * pixels / 1e6


class Pool:
    """A codec of so many processes. None runs before the first image comes.

    Pools that are given the same nursery have one mother, whose children work for all of them; else they wait for
    nothing of one another's.
    """

    def __init__(
        self,
        children: int,
        limits: Limits,
        bounds: Bounds | None = None,
        nursery: Nursery | None = None,
        module: str = ENGINE,
    ) -> None:
        self._limits = limits
        self._bounds = bounds or Bounds()
        self._slots = asyncio.Semaphore(children * SLOTS_PER_CHILD)
        self._admission = Admission(children, children * PIXELS_PER_CHILD)
        self._nursery = nursery or Nursery(module)

    async def close(self) -> None:
        """Ends all processes."""
        await self._nursery.close()

    @contextlib.asynccontextmanager
    async def slot(self) -> AsyncIterator[Slot]:
        """Room for an image, for the length of the block. Waits for some."""
        async with self._slots:
            with SharedMemory() as image, contextlib.ExitStack() as results:
                yield _Slot(self, image, results)

    async def compress(self, image: SharedMemory, result: SharedMemory, wish: Wish) -> wire.Made:
        """Has a child compress the image into the result.

        Raises:
            CompressionError: It could not be.
        """
        with image.view() as content:
            size = pixels.count(content)
        said = await self._answer(wish, size, image, result)
        if said.made is None:
            raise CompressionError(endings.CRASHED)
        return said.made

    async def develop(self, image: SharedMemory, result: SharedMemory, order: Development) -> Facts:
        """Has a child develop the image, and leave the presets in the result. Raises as `compress` does."""
        said = await self._answer(order, order.original.pixels, image, result)
        if said.developed is None:
            raise CompressionError(endings.CRASHED)
        return said.developed

    async def render(self, image: SharedMemory, result: SharedMemory, order: Rendering) -> None:
        """Has a child make a variant of the image, as the result. Raises as `compress` does."""
        said = await self._answer(order, order.original.pixels, image, result)
        if not said.is_rendered:
            raise CompressionError(endings.CRASHED)

    async def _answer(
        self, order: Wish | Development | Rendering, size: int, image: SharedMemory, result: SharedMemory
    ) -> wire.Line:
        """What a child says, who has done what it was to."""
        job = wire.Job(order, self._limits, self._bounds.cpu(size), self._bounds.memory_bytes)
        async with self._admission.turn(size):
            said = await self._asked(job, image, result, self._bounds.wall(size))
        if said.failure:
            raise CompressionError(said.failure)
        if said.made or said.developed or said.is_rendered:
            return said
        log.warning("codec process ended", status=said.status)
        raise CompressionError(endings.failure(said.status))

    async def _asked(
        self, job: wire.Job, image: SharedMemory, result: SharedMemory, wall_seconds: float
    ) -> wire.Line:
        """What becomes of the job. The child goes on to the next one only if it answers, and has no more to say."""
        line = await self._nursery.child()
        try:
            async with asyncio.timeout(wall_seconds):
                wire.send(line, job, image.fd, result.fd)
                said = await listening.answer(line)
        except TimeoutError:
            said = wire.Line(failure=endings.NO_ANSWER, is_last=True)
        except OSError:  # it died before it took all, or left something unread
            said = wire.Line(is_last=True)
        except BaseException:
            line.close()
            raise
        if said.is_last:
            line.close()
        else:
            self._nursery.rest(line)
        return said


class _Slot:
    """Room in shared memory. What is written is sealed before a child sees it."""

    def __init__(self, pool: Pool, image: SharedMemory, results: contextlib.ExitStack) -> None:
        self._pool = pool
        self._image = image
        self._results = results

    def write(self, piece: bytes | bytearray | memoryview) -> None:
        self._image.write(piece)

    @property
    def content(self) -> memoryview:
        return self._image.view()

    async def compress(self, wish: Wish) -> Compressed:
        self._image.seal()
        result = self._result()
        made = await self._pool.compress(self._image, result, wish)
        content = _sealed(result)
        return Compressed(
            content, made.media_type, made.width_px, made.height_px, kept_original=made.kept_original
        )

    async def develop(self, order: Development) -> Developed:
        self._image.seal()
        result = self._result()
        facts = await self._pool.develop(self._image, result, order)
        return orders.developed(facts, _sealed(result))

    async def render(self, order: Rendering) -> memoryview:
        self._image.seal()
        result = self._result()
        await self._pool.render(self._image, result, order)
        return _sealed(result)

    def _result(self) -> SharedMemory:
        return self._results.enter_context(SharedMemory())


def _sealed(result: SharedMemory) -> memoryview:
    """What lies there, which nobody can change any more.

    Raises:
        CompressionError: The child still holds on to it.
    """
    try:
        result.seal()
    except OSError as error:
        raise CompressionError(endings.CRASHED) from error
    return result.view()
