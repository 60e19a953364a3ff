"""How an object gets into a bucket: whole or not at all."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import aclosing
from typing import Any

import structlog

from errors import ObjectNotFoundError, StorageError
from storage.ending import to_its_end
from storage.s3.checksums import Checked
from storage.s3.parts import Part, parts_of
from storage.s3.refusal import RefusedError
from storage.s3.uploads import NO_UPLOAD, Upload
from storage.s3.wire import Request, Wire
from storage.summed import Summed

MARK = "x-amz-meta-put"
"""Says of an object which put it is of: whose answer was lost learns so whether it took place."""

TIDYING_SECONDS = 5.0
log = structlog.get_logger()


class Put:
    """One object on its way in, under the key."""

    def __init__(self, wire: Wire, checked: Checked, key: str) -> None:
        self._wire = wire
        self._checked = checked
        self._key = key
        self._mark = secrets.token_hex(8)

    async def run(self, pieces: AsyncIterator[bytes | memoryview]) -> int:
        """How many bytes were kept."""
        async with aclosing(parts_of(pieces)) as parts:
            first = await anext(parts)
            if first.is_full:
                return await self._send_in_parts(first, parts)
        if isinstance(pieces, Summed):
            first.sha256 = pieces.sha256()
        size_bytes = first.size_bytes
        request = Request("PUT", self._key, headers=self._headers)
        try:
            await self._settled(self._checked.send(request, first))
        finally:
            first.clear()  # or else the exception that ends a failed put would keep the bytes for long
        return size_bytes

    @property
    def _headers(self) -> dict[str, str]:
        return {"Content-Type": "application/octet-stream", MARK: self._mark}

    async def _send_in_parts(self, first: Part, rest: AsyncGenerator[Part, None]) -> int:
        upload = Upload(self._wire, self._checked, self._key)
        try:
            await to_its_end(upload.begin(self._headers))
            size_bytes = await _send_all(upload, first, rest)
            await self._settled(self._complete(upload))
        except BaseException:
            await to_its_end(self._abort(upload))
            raise
        return size_bytes

    async def _complete(self, upload: Upload) -> None:
        try:
            await upload.complete()
        except RefusedError as error:
            if error.code != NO_UPLOAD or not await self._is_kept():
                raise

    async def _settled(self, sending: Coroutine[Any, Any, object]) -> None:
        """Returns when the request is granted that makes the object; if it is not, there is no object."""
        try:
            await to_its_end(sending)
        except BaseException as error:
            if not (isinstance(error, RefusedError) and not error.retryable):
                await to_its_end(self._take_back())
            raise

    async def _take_back(self) -> None:
        """Removes the object if it is there nevertheless. The failure goes on, whatever happens here."""
        try:
            if await self._is_kept():
                await self._wire.ask(Request("DELETE", self._key), within_seconds=TIDYING_SECONDS)
        except StorageError as error:
            log.warning("an object may be left over", key=self._key, reason=str(error))

    async def _is_kept(self) -> bool:
        """Whether there is an object, and it is of this put."""
        try:
            found = await self._wire.ask(Request("HEAD", self._key), within_seconds=TIDYING_SECONDS)
        except ObjectNotFoundError:
            return False
        return found.headers.get(MARK) == self._mark

    async def _abort(self, upload: Upload) -> None:
        try:
            await upload.abort(within_seconds=TIDYING_SECONDS)
        except StorageError as error:
            log.warning("parts are left over", key=self._key, reason=str(error))


async def _send_all(upload: Upload, first: Part, rest: AsyncGenerator[Part, None]) -> int:
    """Sends each part while the next is read, and gives the size of all."""
    size_bytes = first.size_bytes
    sending = asyncio.create_task(upload.send(first))
    try:
        async for part in rest:
            await sending
            size_bytes += part.size_bytes
            sending = asyncio.create_task(upload.send(part))
        await sending
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    return size_bytes
