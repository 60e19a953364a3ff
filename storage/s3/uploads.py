"""Multipart uploads: objects that are too large to be sent at once."""

from __future__ import annotations

from collections.abc import Mapping

from storage.s3 import documents
from storage.s3.checksums import CRC32, Checked
from storage.s3.documents import SentPart
from storage.s3.parts import Part
from storage.s3.refusal import RefusedError
from storage.s3.wire import PATIENCE_SECONDS, Answer, Request, Wire

COMPLETION_SECONDS = 60.0
NO_UPLOAD = "NoSuchUpload"
XML = {"Content-Type": "application/xml"}


class Upload:
    """A multipart upload of the object `key`; once begun, it is to be completed or aborted."""

    def __init__(self, wire: Wire, checked: Checked, key: str) -> None:
        self._wire = wire
        self._checked = checked
        self._key = key
        self._id: str | None = None
        self._sent: list[SentPart] = []

    async def begin(self, headers: Mapping[str, str]) -> None:
        """Begins it, of an object that is to have these headers."""
        answer = await self._checked.begin(Request("POST", self._key, {"uploads": ""}, headers))
        self._id = documents.upload_id(answer.body)

    async def send(self, part: Part) -> None:
        """Sends the next part, and lets go of its bytes."""
        number = len(self._sent) + 1
        place = {"partNumber": str(number), **self._named()}
        try:
            answer = await self._checked.send(Request("PUT", self._key, place), part)
        finally:
            part.clear()
        self._sent.append(SentPart(number, answer.headers.get("etag", ""), answer.headers.get(CRC32)))

    async def complete(self) -> Answer:
        """Makes an object of the parts.

        Raises:
            RefusedError: With the code `NoSuchUpload`, also if it was completed and the answer lost.
        """
        request = Request("POST", self._key, self._named(), XML, documents.completion(self._sent))
        return await self._wire.ask(request, within_seconds=COMPLETION_SECONDS)

    async def abort(self, *, within_seconds: float = PATIENCE_SECONDS) -> None:
        """Forgets the parts; harmless if there are none."""
        if self._id:
            await forget(self._wire, self._key, self._id, within_seconds=within_seconds)

    def _named(self) -> dict[str, str]:
        assert self._id  # noqa: S101 - `begin` comes first
        return {"uploadId": self._id}


async def forget(wire: Wire, key: str, upload_id: str, *, within_seconds: float = PATIENCE_SECONDS) -> None:
    """Aborts an upload, unless it has ended."""
    try:
        await wire.ask(Request("DELETE", key, {"uploadId": upload_id}), within_seconds=within_seconds)
    except RefusedError as error:
        if error.code != NO_UPLOAD:
            raise
