"""An S3 server that costs little, so that what is measured beside it is the client.

It answers for objects, multipart uploads and listings of any bucket, under `/{bucket}/{key}`. Sums are true, and a body
that has another than it came with is refused. No signature is looked at. `DELETE /{bucket}` empties the bucket.

Usage: python -m benchmarks.s3_stand_in PORT [FOLDER]. Without a folder only sizes and sums are kept.
"""

from __future__ import annotations

import base64
import itertools
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import uvicorn

from benchmarks.s3_stand_in.objects import Bucket, Kept, Multipart
from benchmarks.s3_stand_in.wire import Receive, RefusedError, Request, Response, Send, document, element

HOST: Final = "127.0.0.1"
MOST_KEYS: Final = 1_000
SHA256: Final = "x-amz-checksum-sha256"


class StandIn:
    """The server, as an ASGI application."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self._buckets: dict[str, Bucket] = {}

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request.of(scope, receive)
        try:
            response = await self._answer(request)
        except RefusedError as error:
            response = Response(error.status, text=f"<Error><Code>{error.code}</Code></Error>")
        await response.send(request.method, send)

    async def _answer(self, request: Request) -> Response:
        bucket = self._buckets.setdefault(request.bucket, Bucket())
        match request.method, bool(request.key):
            case "PUT", True:
                return await self._put(bucket, request)
            case "POST", True:
                return await self._multipart(bucket, request)
            case "GET" | "HEAD", True:
                return _get(bucket, request)
            case "GET", False:
                return (
                    _list_uploads(bucket, request) if "uploads" in request.query else _list(bucket, request)
                )
            case "DELETE", _:
                return _delete(bucket, request)
            case "HEAD", False:
                return Response()
        raise RefusedError(405, "MethodNotAllowed")

    async def _put(self, bucket: Bucket, request: Request) -> Response:
        path = self._folder / str(next(self._numbers)) if self._folder else None
        kept = await Kept.of(request.body(), path, with_sha256=SHA256 in request.stated)
        _check(kept, bucket, request)
        if "uploadId" in request.query:
            _upload(bucket, request).parts[int(request.query["partNumber"])] = kept
        else:
            bucket.put(request.key, kept)
        return Response(headers={"etag": f'"{kept.etag}"', "x-amz-checksum-crc32": kept.crc32})

    async def _multipart(self, bucket: Bucket, request: Request) -> Response:
        body = b"".join([piece async for piece in request.body()])
        if "uploads" in request.query:
            upload_id = f"upload-{next(self._numbers)}"
            bucket.uploads[upload_id] = Multipart(request.key)
            named = element("Bucket", request.bucket) + element("Key", request.key)
            return document("InitiateMultipartUploadResult", named + element("UploadId", upload_id))
        upload = _upload(bucket, request)
        kept = Kept.joined([_part(upload, named) for named in ET.fromstring(body)])  # noqa: S314 - our own clients
        bucket.put(request.key, kept)
        del bucket.uploads[request.query["uploadId"]]
        sums = element("ETag", f'"{kept.etag}"') + element("ChecksumCRC32", kept.crc32)
        return document("CompleteMultipartUploadResult", element("Key", request.key) + sums)


def _delete(bucket: Bucket, request: Request) -> Response:
    if "uploadId" in request.query:
        _upload(bucket, request)
        bucket.abort(request.query["uploadId"])
    elif request.key:
        bucket.delete(request.key)
    else:
        bucket.forget()
    return Response(204)


def _get(bucket: Bucket, request: Request) -> Response:
    kept = bucket.objects.get(request.key)
    if kept is None:
        raise RefusedError(404, "NoSuchKey")
    wanted = request.stated.get("range")
    if wanted is None:
        return Response(
            200, {**kept.headers, "x-amz-checksum-crc32": kept.crc32}, content=(kept, 0, kept.size_bytes)
        )
    start, end = _range(wanted, kept.size_bytes)
    part = {"content-range": f"bytes {start}-{end - 1}/{kept.size_bytes}"}
    return Response(206, {**kept.headers, **part}, content=(kept, start, end))


def _range(header: str, size_bytes: int) -> tuple[int, int]:
    first, _, last = header.removeprefix("bytes=").partition("-")
    start = int(first) if first else max(size_bytes - int(last), 0)
    end = min(int(last) + 1, size_bytes) if first and last else size_bytes
    if start >= end:
        raise RefusedError(416, "InvalidRange")
    return start, end


def _list(bucket: Bucket, request: Request) -> Response:
    prefix, query = request.query.get("prefix", ""), request.query
    after = query.get("continuation-token") or query.get("start-after", "")
    most = min(int(query.get("max-keys", MOST_KEYS)), MOST_KEYS)
    keys = sorted(key for key in bucket.objects if key.startswith(prefix) and key > after)
    page, cut = keys[:most], len(keys) > most
    head = element("IsTruncated", str(cut).lower()) + element("KeyCount", len(page))
    if cut:
        head += element("NextContinuationToken", page[-1])
    return document("ListBucketResult", head + "".join(_listed(key, bucket.objects[key]) for key in page))


def _listed(key: str, kept: Kept) -> str:
    fields = element("Key", key) + element("LastModified", _iso(kept.written_at))
    fields += element("ETag", f'"{kept.etag}"') + element("Size", kept.size_bytes)
    return f"<Contents>{fields}<StorageClass>STANDARD</StorageClass></Contents>"


def _list_uploads(bucket: Bucket, request: Request) -> Response:
    listed = "".join(
        "<Upload>"
        + element("Key", upload.key)
        + element("UploadId", upload_id)
        + element("Initiated", _iso(upload.begun_at))
        + "</Upload>"
        for upload_id, upload in bucket.uploads.items()
        if upload.key.startswith(request.query.get("prefix", ""))
    )
    return document("ListMultipartUploadsResult", "<IsTruncated>false</IsTruncated>" + listed)


def _upload(bucket: Bucket, request: Request) -> Multipart:
    upload = bucket.uploads.get(request.query.get("uploadId", ""))
    if upload is None:
        raise RefusedError(404, "NoSuchUpload")
    return upload


def _part(upload: Multipart, element_of_part: ET.Element) -> Kept:
    named = {child.tag.rpartition("}")[2]: child.text or "" for child in element_of_part}
    part = upload.parts.get(int(named["PartNumber"]))
    if part is None or part.etag != named["ETag"].strip('"'):
        raise RefusedError(400, "InvalidPart")
    return part


def _check(kept: Kept, bucket: Bucket, request: Request) -> None:
    """Refuse a body that is not what its sender summed up, or one for a key that was to be free."""
    md5 = base64.b64encode(bytes.fromhex(kept.etag)).decode()
    found = {"x-amz-checksum-crc32": kept.crc32, SHA256: kept.sha256, "content-md5": md5}
    if any(request.stated.get(name, value) != value for name, value in found.items()):
        kept.remove()
        raise RefusedError(400, "BadDigest")
    if request.stated.get("if-none-match") == "*" and request.key in bucket.objects:
        kept.remove()
        raise RefusedError(412, "PreconditionFailed")


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


if __name__ == "__main__":
    port, *folder = sys.argv[1:]
    uvicorn.run(
        StandIn(Path(*folder) if folder else None),
        host=HOST,
        port=int(port),
        access_log=False,
        log_level="warning",
        lifespan="off",
        server_header=False,
    )
