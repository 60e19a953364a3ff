"""Objects in a bucket of Amazon S3, or of a service that speaks like it.

boto3 finds credentials, in threads of its own since it blocks; the bucket is asked over connections of our own. That
takes a tenth of the processor time of boto3's client, and a request that nobody waits for any more is given up.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from storage import keys
from storage.abilities import UploadTarget
from storage.base import StoredObject
from storage.s3 import documents, uploads
from storage.s3.bucket import Bucket
from storage.s3.checksums import Checked
from storage.s3.credentials import CredentialSource, Keys
from storage.s3.reading import Reading
from storage.s3.uploads import Upload
from storage.s3.wire import Request, Wire
from storage.s3.writing import Put

TRIAL = "trial"


class S3Storage:
    """Objects in `bucket`, which has to be there.

    Args:
        bucket: Where we reach it.
        keys: Who we are; without them, boto3 finds out.
        public: Where clients reach it, if that is elsewhere.
    """

    kind = "s3"

    def __init__(self, bucket: Bucket, keys: Keys | None = None, public: Bucket | None = None) -> None:
        self._wire = Wire(bucket, CredentialSource(keys), public)
        self._checked = Checked(self._wire)

    async def prepare(self) -> None:
        """Begins an upload and drops it: whoever may do that may write."""
        upload = Upload(self._wire, self._checked, TRIAL)
        await upload.begin({})
        await upload.abort()

    async def put(self, key: str, pieces: AsyncIterator[bytes | memoryview]) -> StoredObject:
        size_bytes = await Put(self._wire, self._checked, key).run(pieces)
        return StoredObject(key, size_bytes, datetime.now(UTC))

    async def get(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes, None]:
        if end is not None and start >= end:
            await self.head(key)
            return
        async with aclosing(Reading(self._wire, key, start, end).pieces()) as pieces:
            async for piece in pieces:
                yield piece

    async def head(self, key: str) -> StoredObject:
        answer = await self._wire.ask(Request("HEAD", key))
        written_at = parsedate_to_datetime(answer.headers["last-modified"])
        return StoredObject(key, int(answer.headers["content-length"]), written_at)

    async def delete(self, key: str) -> None:
        await self._wire.ask(Request("DELETE", key))

    async def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        query = {"list-type": "2", "prefix": prefix, "encoding-type": "url"}
        while True:
            page = documents.objects((await self._wire.ask(Request("GET", query=query))).body)
            for stored in page.objects:
                yield stored
            if page.next_token is None:
                return
            query["continuation-token"] = page.next_token

    async def remains(self, before: datetime) -> AsyncIterator[str]:
        """Uploads that were begun and have not ended, as `{id} {key}`. Those of whoever else uses the bucket are no remains."""
        query = {"uploads": "", "encoding-type": "url"}
        while True:
            page = documents.uploads((await self._wire.ask(Request("GET", query=query))).body)
            for upload in page.uploads:
                is_ours = upload.key == TRIAL or keys.is_ours(upload.key)
                if is_ours and upload.begun_at < before:
                    yield f"{upload.upload_id} {upload.key}"
            if page.next_marker is None:
                return
            query["key-marker"], query["upload-id-marker"] = page.next_marker

    async def discard(self, remains: str) -> None:
        upload_id, _, key = remains.partition(" ")
        await uploads.forget(self._wire, key, upload_id)

    async def check(self) -> None:
        await self._wire.ask(Request("GET", query={"list-type": "2", "max-keys": "1"}))

    async def close(self) -> None:
        await self._wire.close()

    async def link(self, key: str, *, media_type: str, filename: str, ttl_seconds: int) -> str:
        as_attachment = {
            "response-content-disposition": f"attachment; filename*=UTF-8''{quote(filename, safe='')}",
            "response-content-type": media_type,
        }
        return await self._wire.address(Request("GET", key, as_attachment), ttl_seconds)

    async def upload_target(
        self, key: str, *, media_type: str, size_bytes: int, ttl_seconds: int
    ) -> UploadTarget:
        """A PUT, since not every provider takes forms; its headers are signed, so nothing else can be sent."""
        headers = {"Content-Type": media_type, "Content-Length": str(size_bytes), "If-None-Match": "*"}
        url = await self._wire.address(Request("PUT", key, headers=headers), ttl_seconds)
        return UploadTarget(url, "PUT", headers, {})
