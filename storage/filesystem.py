"""A folder on the service's own disk: an object is a file, its path below the folder is its key.

So `a` and `a/b` cannot both be objects here. Files and directories belong to the service's user alone.
"""

from __future__ import annotations

import asyncio
import errno
import os
import stat
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, aclosing, contextmanager, suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar, TypeVarTuple

import structlog

from errors import ObjectNotFoundError, StorageError
from storage import drafts, folders
from storage.base import StoredObject
from storage.drafts import Draft
from storage.threads import Threads

THREADS = 8
WRITE_BYTES = 512 * 1024
PIECE_BYTES = 256 * 1024
LISTED_AT_ONCE = 256
LONGEST_NAME_BYTES = 255

NO_OBJECT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP})
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
LASTING = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.EXDEV, errno.ENOTDIR, errno.EISDIR, errno.ELOOP}
)
"""What stays wrong until somebody changes the disk."""

log = structlog.get_logger()

Arguments = TypeVarTuple("Arguments")
Result = TypeVar("Result")


class FilesystemStorage:
    """Objects as files below `folder`, which all processes of the service must share."""

    kind = "filesystem"

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._threads = Threads(THREADS)

    async def prepare(self) -> None:
        await self._run(_prepare, self._folder)

    async def put(self, key: str, pieces: AsyncIterator[bytes | memoryview]) -> StoredObject:
        draft = Draft(self._folder, _parts(key))
        try:
            status = await self._run(draft.publish, await self._write(draft, pieces))
        except BaseException:
            await self._abandon(draft)
            raise
        if draft.replaces:
            await self._run(draft.settle)
        return _stored(key, status)

    def get(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes, None]:
        return self._threads.step_through(self._read(key, start, end))

    async def head(self, key: str) -> StoredObject:
        return await self._run(self._head, key)

    async def delete(self, key: str) -> None:
        await self._run(self._delete, key)

    async def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        async with aclosing(self._threads.step_through(self._listed(prefix))) as batches:
            async for batch in batches:
                for found in batch:
                    yield found

    async def remains(self, before: datetime) -> AsyncIterator[str]:
        for name in await self._run(drafts.abandoned, self._folder, before.timestamp()):
            yield name

    async def discard(self, remains: str) -> None:
        await self._run(drafts.forget, self._folder, remains)

    async def check(self) -> None:
        trial = asyncio.ensure_future(self._run(_try_out, Draft(self._folder, ["trial"])))
        await asyncio.shield(trial)  # whoever asks does not wait as long as a disk that hangs

    async def close(self) -> None:
        return

    async def _run(self, function: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
        with _translated():
            return await self._threads.run(function, *arguments)

    async def _write(
        self, draft: Draft, pieces: AsyncIterator[bytes | memoryview]
    ) -> Sequence[bytes | memoryview]:
        """Writes in batches of WRITE_BYTES or a little more. Gives the last one, which goes the way of `publish`."""
        batch: list[bytes | memoryview] = []
        batch_bytes = 0
        async for piece in pieces:
            if batch_bytes >= WRITE_BYTES:
                await self._run(draft.write, batch)
                batch, batch_bytes = [], 0
            batch.append(piece)
            batch_bytes += len(piece)
        return batch

    async def _abandon(self, draft: Draft) -> None:
        """Removes what a put that failed has left; the reason that it failed goes on, whatever happens here."""
        try:
            await self._run(draft.discard)
        except StorageError as error:
            log.warning("a draft is left over", folder=str(self._folder), reason=str(error))

    def _read(self, key: str, start: int, end: int | None) -> Generator[bytes]:
        with _translated(), self._opened(key) as (descriptor, status):
            end = status.st_size if end is None else min(end, status.st_size)
            while start < end:
                piece = os.pread(descriptor, min(PIECE_BYTES, end - start), start)
                if not piece:
                    raise StorageError(f"{key!r} has become shorter while it was read", retryable=False)
                start += len(piece)
                yield piece

    def _head(self, key: str) -> StoredObject:
        with self._opened(key) as (_, status):
            return _stored(key, status)

    @contextmanager
    def _opened(self, key: str) -> Iterator[tuple[int, os.stat_result]]:
        """The object's file, and what is known of it; it can be read to its end though it is deleted meanwhile."""
        *above, name = _parts(key)
        with ExitStack() as closing:
            try:
                with folders.opened(self._folder, above) as chain:
                    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=chain[-1])
            except OSError as error:
                if error.errno in NO_OBJECT:
                    raise ObjectNotFoundError(key) from error
                raise
            closing.callback(os.close, descriptor)
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise ObjectNotFoundError(key)
            yield descriptor, status

    def _delete(self, key: str) -> None:
        *above, name = _parts(key)
        try:
            with folders.opened(self._folder, above) as chain:
                os.unlink(name, dir_fd=chain[-1])
                os.fsync(chain[-1])
                folders.prune(chain, above)
        except OSError as error:
            if error.errno not in NO_OBJECT:
                raise

    def _listed(self, prefix: str) -> Generator[Sequence[StoredObject]]:
        *above, begin = prefix.split("/")
        if not all(map(_is_name, above)):
            return  # of no key
        found = self._below(above, begin)
        with _translated():
            while batch := tuple(islice(found, LISTED_AT_ONCE)):
                yield batch

    def _below(self, above: Sequence[str], begin: str) -> Iterator[StoredObject]:
        """The objects in a directory and below it, if their names in it begin so."""
        with suppress(FileNotFoundError, NotADirectoryError), folders.opened(self._folder, above) as chain:
            for name in _names(chain[-1], begin):
                if name.endswith("/"):
                    yield from self._below([*above, name[:-1]], "")
                    continue
                with suppress(FileNotFoundError):  # deleted meanwhile
                    status = os.stat(name, dir_fd=chain[-1], follow_symlinks=False)
                    if stat.S_ISREG(status.st_mode):
                        yield _stored("/".join([*above, name]), status)


def _prepare(folder: Path) -> None:
    folder.mkdir(folders.OWNER_ONLY, parents=True, exist_ok=True)
    with folders.opened(folder.parent, []) as chain:
        folders.sync(chain)
    drafts.prepare(folder)


def _try_out(draft: Draft) -> None:
    """Writes a byte, which says more of a disk than its permissions do."""
    try:
        draft.write([b"?"])
    finally:
        draft.discard()


def _parts(key: str) -> Sequence[str]:
    """The names that lead to an object.

    Raises:
        StorageError: One of them could lead elsewhere, or cannot be a file's.
    """
    parts = key.split("/")
    if not all(map(_is_name, parts)):
        raise StorageError(f"{key[:LONGEST_NAME_BYTES]!r} is no key", retryable=False)
    return parts


def _is_name(part: str) -> bool:
    """Whether it may name a file of ours: what begins with a dot never does."""
    return (
        part.isprintable()  # which no surrogate is
        and not part.startswith(".")
        and 0 < len(part.encode()) <= LONGEST_NAME_BYTES
    )


def _names(directory: int, begin: str) -> Sequence[str]:
    """In the order of the keys that they lead to, for which a directory's name ends in the slash that follows it."""
    with os.scandir(directory) as entries:
        return sorted(
            f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name
            for entry in entries
            if entry.name.startswith(begin) and _is_name(entry.name)
        )


def _stored(key: str, status: os.stat_result) -> StoredObject:
    return StoredObject(key, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))


@contextmanager
def _translated() -> Iterator[None]:
    """The operating system's exceptions, as ours."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise StorageError("the disk is full", retryable=True) from error
        raise StorageError(f"filesystem: {error}", retryable=error.errno not in LASTING) from error
