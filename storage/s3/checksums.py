"""Bytes that arrive as they were sent: a CRC-32 goes with them, and the provider's own is compared with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus

from errors import StorageError
from storage.s3.parts import Part
from storage.s3.refusal import RefusedError
from storage.s3.wire import Answer, Request, Wire

CRC32 = "x-amz-checksum-crc32"
BY_CRC32 = {"x-amz-checksum-algorithm": "CRC32"}
UNKNOWN_HEADER = frozenset({"InvalidArgument", "InvalidRequest", "NotImplemented"})


class Checked:
    """Sends checksums along until the provider says that it knows no such header."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._are_known = True

    async def begin(self, request: Request) -> Answer:
        """The answer to a request that announces parts."""
        return await self._ask(request, BY_CRC32)

    async def send(self, request: Request, part: Part) -> Answer:
        """The answer to a request with a body.

        Raises:
            StorageError: Among its other reasons, that something else has arrived, and is kept.
        """
        answer = await self._ask(replace(request, body=part), {CRC32: part.crc32})
        if answer.headers.get(CRC32, part.crc32) != part.crc32:
            raise StorageError(f"S3 has received other bytes of {request.key!r} than were sent")
        return answer

    async def _ask(self, request: Request, checksum: Mapping[str, str]) -> Answer:
        if self._are_known:
            try:
                return await self._wire.ask(replace(request, headers={**request.headers, **checksum}))
            except RefusedError as error:
                if not _knows_no_checksums(error):
                    raise
                self._are_known = False
        return await self._wire.ask(request)


def _knows_no_checksums(error: RefusedError) -> bool:
    """Backblaze and others refuse headers that they do not know; most ignore them."""
    return error.status == HTTPStatus.NOT_IMPLEMENTED or (
        error.code in UNKNOWN_HEADER and "header" in error.message.lower()
    )
