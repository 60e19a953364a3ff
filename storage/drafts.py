"""A file on its way to becoming an object: written aside, moved into place when it is whole and durable.

Everything here blocks, and a draft is used by one thread at a time.
"""

from __future__ import annotations

import math
import os
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from storage import folders

ASIDE = ".partial"
"""Where drafts lie: in the same filesystem as the objects, under a name that no object has."""

ABANDONED_SECONDS = 24 * 60 * 60
OWNER_ONLY = 0o600
TRIES = 1_000
"""Each one was lost to a delete that removed the directory between its making and the move."""


def prepare(root: Path) -> None:
    """Makes the place for drafts, and removes those whose process died long ago."""
    with folders.made(root, [ASIDE]) as chain:
        folders.sync(chain)
    for name in abandoned(root, time.time() - ABANDONED_SECONDS):
        forget(root, name)


def abandoned(root: Path, before: float) -> Sequence[str]:
    """The names of drafts that nothing was written to since that time, in seconds since 1970."""
    with (
        suppress(FileNotFoundError),
        folders.opened(root, [ASIDE]) as chain,
        os.scandir(chain[-1]) as entries,
    ):
        return sorted(entry.name for entry in entries if _changed_at(entry) < before)
    return ()


def forget(root: Path, name: str) -> None:
    """Removes a draft, unless another process was quicker."""
    with suppress(FileNotFoundError), folders.opened(root, [ASIDE]) as aside:
        os.unlink(name, dir_fd=aside[-1])


def _changed_at(draft: os.DirEntry[str]) -> float:
    """In seconds since 1970; never, if it is gone."""
    try:
        return draft.stat(follow_symlinks=False).st_mtime
    except FileNotFoundError:
        return math.inf


class Draft:
    """Becomes the file at `path` below `root`, or nothing.

    Until `settle`, `discard` leaves everything as if there had been no draft, also after `publish`.
    """

    def __init__(self, root: Path, path: Sequence[str]) -> None:
        self._root = root
        *self._above, self._name = path
        self._draft = secrets.token_hex(16)
        self._replaced = f"{self._draft}.replaced"
        self._descriptor: int | None = None
        self._published: os.stat_result | None = None
        self.replaces = False

    def write(self, pieces: Sequence[bytes | memoryview]) -> None:
        """Adds the pieces."""
        self._add(pieces)

    def publish(self, last: Sequence[bytes | memoryview]) -> os.stat_result:
        """Adds the last pieces, perhaps none, and puts what was written in place, at once and for good."""
        descriptor = self._add(last)
        os.fsync(descriptor)
        status = os.fstat(descriptor)
        for _ in range(TRIES):
            with suppress(FileNotFoundError):
                self._move(status)
                self._close()
                return status
        raise FileNotFoundError(self._name)

    def settle(self) -> None:
        """Forgets what it `replaces`."""
        forget(self._root, self._replaced)

    def discard(self) -> None:
        """Takes back what was done so far; what somebody else has put in place since then stays."""
        self._close()
        if self._published:
            self._take_back(self._published)
        else:
            forget(self._root, self._draft)
            forget(self._root, self._replaced)

    def _add(self, pieces: Sequence[bytes | memoryview]) -> int:
        """Writes the pieces to the file, which is made if there is none yet; gives its descriptor."""
        if self._descriptor is None:
            self._descriptor = self._open()
        rest = memoryview(pieces[0] if len(pieces) == 1 else b"".join(pieces))
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
        return self._descriptor

    def _open(self) -> int:
        with folders.made(self._root, [ASIDE]) as chain:
            return os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY, dir_fd=chain[-1])

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _move(self, status: os.stat_result) -> None:
        with folders.made(self._root, self._above) as chain, folders.opened(self._root, [ASIDE]) as aside:
            with suppress(FileNotFoundError, FileExistsError):
                os.link(self._name, self._replaced, src_dir_fd=chain[-1], dst_dir_fd=aside[-1])
                self.replaces = True
            os.rename(self._draft, self._name, src_dir_fd=aside[-1], dst_dir_fd=chain[-1])
            self._published = status
            folders.sync(chain)

    def _take_back(self, ours: os.stat_result) -> None:
        with (
            suppress(FileNotFoundError),
            folders.opened(self._root, self._above) as chain,
            folders.opened(self._root, [ASIDE]) as aside,
        ):
            there = os.stat(self._name, dir_fd=chain[-1], follow_symlinks=False)
            if not os.path.samestat(there, ours):
                return
            if self.replaces:
                os.rename(self._replaced, self._name, src_dir_fd=aside[-1], dst_dir_fd=chain[-1])
            else:
                os.unlink(self._name, dir_fd=chain[-1])
            os.fsync(chain[-1])
            folders.prune(chain, self._above)
