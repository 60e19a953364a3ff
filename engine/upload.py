"""The files of one multipart request: a resolver asks for a file and its bytes come straight off the wire."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from engine.multipart import PartReader
from engine.spool import Spool
from errors import MalformedRequestError, OperationError


@dataclass(frozen=True)
class OpenedFile:
    """A file whose bytes can be read once.

    Attributes:
        filename: As the client gave it, only decoded: it may hold a path or any other nonsense.
        pieces: The content in order, cut as it came. A reader that wants no more closes it or lets go of it.
    """

    filename: str
    pieces: AsyncGenerator[bytes | memoryview, None]


class UploadedFile:
    """What a variable of type `Upload` holds: one file, not read before it is opened, opened once."""

    def __init__(self, files: Files, field: str) -> None:
        self._files = files
        self._field = field

    async def open(self) -> OpenedFile:
        """Finds the file on the wire, or among those that had to be kept.

        Raises:
            MalformedRequestError: The file is not in the body, or the body is damaged on the way to it.
        """
        return await self._files.open(self._field)


class _Stream:
    """The file that is being read off the wire."""

    def __init__(self) -> None:
        self.rest: Spool | None = None  # the wire was needed for another file before the reader had its end
        self.closed = False
        self.reader: Callable[[], object] = lambda: None  # weak: gives None once nobody can read on


class _Wire:
    """The way to the body: one reader at a time, and after a failure nobody reads on."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self.failure: Exception | None = None

    async def __aenter__(self) -> None:
        await self._lock.acquire()
        if self.failure is not None:
            self._lock.release()
            raise self.failure

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, OperationError):
            self.failure = error
        self._lock.release()


class Files:
    """Gives out the files of one request, in whatever order they are asked for.

    A file asked for in the order of the wire passes straight through. What must be read before its turn, or more
    than once, is kept until `close`. Several resolvers may open and read at the same time.

    Args:
        parts: Stands behind the part `map`.
        handles: How many variables each field of the form was mapped to.
    """

    def __init__(self, parts: PartReader, handles: dict[str, int]) -> None:
        self._parts = parts
        self._handles = handles
        self._kept: dict[str, tuple[str, Spool]] = {}
        self._streamed: set[str] = set()
        self._stream: _Stream | None = None
        self._spools: list[Spool] = []
        self._wire = _Wire()

    async def open(self, field: str) -> OpenedFile:
        """The file of this field of the form; see `UploadedFile.open`."""
        async with self._wire:
            if field not in self._kept:
                filename = await self._reach(field)
                if self._handles[field] == 1:
                    return self._passing_through(field, filename)
                await self._keep(field, filename)
        filename, spool = self._kept[field]
        return OpenedFile(filename, spool.pieces())

    async def finish(self) -> None:
        """Reads what is left of the request; to be called when the operation is over.

        Raises:
            OperationError: The body was damaged, late or too large: now or earlier, whoever caught it then.
            ClientGoneError: The client hung up.
        """
        async with self._wire:
            await self._parts.drain()
            self._wire.failure = RuntimeError("the request is over, its files are gone")

    def close(self) -> None:
        """Gives back what was kept."""
        for spool in self._spools:
            spool.close()

    async def _reach(self, field: str) -> str:
        """Goes forward to this field's part and gives its filename; keeps the files that it passes."""
        if field in self._streamed:
            raise RuntimeError(f"the file {field!r} was opened before, its bytes are gone")
        await self._release_stream()
        while (part := await self._parts.next_part()) is not None:
            if part.name not in self._handles or part.name in self._kept or part.name in self._streamed:
                continue
            if part.filename is None:
                raise MalformedRequestError(
                    f"The part {part.name!r} is mapped to a variable but is not a file."
                )
            if part.name == field:
                return part.filename
            await self._keep(part.name, part.filename)
        raise MalformedRequestError(f"The file {field!r} is named in `map` but is not in the body.")

    async def _keep(self, field: str, filename: str) -> None:
        self._kept[field] = filename, await self._spooled()

    async def _spooled(self) -> Spool:
        """What is left of the present part."""
        spool = Spool()
        self._spools.append(spool)
        while (piece := await self._parts.piece()) is not None:
            await spool.write(piece)
        await spool.finish()
        return spool

    async def _release_stream(self) -> None:
        """Saves for its reader what is left of the file that is being read, if anybody still can read it."""
        stream, self._stream = self._stream, None
        if stream is not None and not stream.closed and stream.reader() is not None:
            stream.rest = await self._spooled()

    def _passing_through(self, field: str, filename: str) -> OpenedFile:
        self._streamed.add(field)
        self._stream = _Stream()
        pieces = self._pieces(self._stream)
        self._stream.reader = weakref.ref(pieces)
        return OpenedFile(filename, pieces)

    async def _pieces(self, stream: _Stream) -> AsyncGenerator[memoryview | bytes, None]:
        try:
            while True:
                async with self._wire:
                    piece = await self._parts.piece() if stream.rest is None else None
                if piece is None:
                    break
                yield piece
            if stream.rest is not None:
                async for kept in stream.rest.pieces():
                    yield kept
        finally:
            stream.closed = True
