"""Directories below a root, entered part by part: no symbolic link is followed, so that no path leads out of it.

Everything here blocks. A directory is a descriptor, and a chain of them leads from the root to the one that is meant.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from errors import StorageError

OWNER_ONLY = 0o700
DIRECTORY = os.O_RDONLY | os.O_DIRECTORY


@contextmanager
def opened(root: Path, parts: Sequence[str]) -> Iterator[list[int]]:
    """The chain that leads along `parts`.

    Raises:
        StorageError: The root itself cannot be entered.
        OSError: A part is missing, or is no directory.
    """
    with _chain(root, parts, _enter) as chain:
        yield chain


@contextmanager
def made(root: Path, parts: Sequence[str]) -> Iterator[list[int]]:
    """As `opened`; what is missing below the root is made.

    Raises:
        FileNotFoundError: A part was removed again just when it was entered.
    """
    with _chain(root, parts, _make_and_enter) as chain:
        yield chain


def sync(chain: Sequence[int]) -> None:
    """Makes names durable: of the file just put into the last directory, and of each directory in the one before."""
    for directory in reversed(chain):
        os.fsync(directory)


def prune(chain: Sequence[int], parts: Sequence[str]) -> None:
    """Removes the directories of the chain that are empty, from the last one up, never the root."""
    with suppress(OSError):  # not empty, or somebody else was quicker
        for part, parent in zip(reversed(parts), reversed(chain[:-1]), strict=True):
            os.rmdir(part, dir_fd=parent)


@contextmanager
def _chain(root: Path, parts: Sequence[str], enter: Callable[[str, int], int]) -> Iterator[list[int]]:
    with ExitStack() as closing:
        try:
            chain = [os.open(root, DIRECTORY)]
        except OSError as error:
            raise StorageError(f"the folder {root} cannot be entered: {error.strerror}") from error
        closing.callback(os.close, chain[0])
        for part in parts:
            chain.append(enter(part, chain[-1]))
            closing.callback(os.close, chain[-1])
        yield chain


def _enter(name: str, parent: int) -> int:
    return os.open(name, DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)


def _make_and_enter(name: str, parent: int) -> int:
    with suppress(FileExistsError):
        os.mkdir(name, OWNER_ONLY, dir_fd=parent)
    return _enter(name, parent)
