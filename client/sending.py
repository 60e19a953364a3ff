"""A file on its way to the service, however often the connection is lost."""

from __future__ import annotations

import asyncio
import mimetypes
import re
from collections.abc import Awaitable, Callable
from io import SEEK_SET, BufferedReader, FileIO
from pathlib import Path
from typing import Final, TypeVar

from client.errors import UnreachableError
from client.generated.base_model import Upload

ATTEMPTS: Final = 5
PAUSE_SECONDS: Final = 2.0
UNSENDABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""What a name on a disk may hold and a header may not: control characters, and bytes that are no text."""


Answer = TypeVar("Answer")
Passed = Callable[[int], None]


async def until_answered(
    path: Path,
    send: Callable[[Upload], Awaitable[Answer]],
    *,
    tell: Callable[[str], None],
    passed: Passed = lambda _: None,
) -> Answer:
    """Sends a file until there is an answer. A key in what is sent has it happen once.

    Args:
        path: Where it is.
        send: Sends it, once.
        tell: Is told of each time that it is sent again.
        passed: Is told how many of its bytes have been read, in a thread; from 0 again when it is sent again.

    Raises:
        UnreachableError: There was none, several times.
        OSError: It cannot be read.
    """
    name = UNSENDABLE.sub("_", path.name)
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    attempt = 1
    while True:
        try:
            with _Counted(path, passed) as content:
                return await send(Upload(name, content, media_type))
        except UnreachableError as error:
            if attempt == ATTEMPTS:
                raise
            tell(f"no answer ({error}); once more")
        attempt += 1
        await asyncio.sleep(PAUSE_SECONDS)


class _Counted(BufferedReader):
    """A file that tells how far it has been read."""

    def __init__(self, path: Path, passed: Passed) -> None:
        super().__init__(FileIO(path))
        self._passed = passed

    def seek(self, place: int, whence: int = SEEK_SET, /) -> int:
        place = super().seek(place, whence)
        self._passed(place)
        return place

    def read(self, size_bytes: int | None = -1, /) -> bytes:
        piece = super().read(size_bytes)
        self._passed(self.tell())
        return piece
