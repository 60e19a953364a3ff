"""The XML that S3 answers with and, once, is sent."""

# ruff: noqa: S314 - what is parsed comes from the provider, and expat bounds what entities can grow to

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote_plus
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from errors import StorageError
from storage.base import StoredObject


@dataclass(frozen=True)
class Page:
    """Some of a bucket's objects; `next_token` leads to more."""

    objects: Sequence[StoredObject]
    next_token: str | None


@dataclass(frozen=True)
class BegunUpload:
    """A multipart upload that has not ended."""

    key: str
    upload_id: str
    begun_at: datetime


@dataclass(frozen=True)
class UploadsPage:
    """Some of a bucket's multipart uploads; `next_marker` leads to more."""

    uploads: Sequence[BegunUpload]
    next_marker: tuple[str, str] | None


@dataclass(frozen=True)
class SentPart:
    """What S3 wants to hear again of each part when an upload is completed."""

    number: int
    etag: str
    crc32: str | None


def error(body: bytes) -> tuple[str, str]:
    """The code and the message of an error; empty ones if there is no such document."""
    try:
        root = ET.fromstring(body)
    except ET.ParseError:
        return "", ""
    return root.findtext("{*}Code", ""), root.findtext("{*}Message", "")


def is_error(body: bytes) -> bool:
    """Whether a document says that something failed: some do though the status was 200."""
    return _local_name(_parsed(body)) == "Error"


def objects(body: bytes) -> Page:
    """A page of a list that was asked for with URL encoding."""
    root = _parsed(body)
    return Page(
        [
            StoredObject(
                _key(root, _text(found, "Key")),
                int(_text(found, "Size")),
                datetime.fromisoformat(_text(found, "LastModified")),
            )
            for found in root.iterfind("{*}Contents")
        ],
        root.findtext("{*}NextContinuationToken") or None,
    )


def uploads(body: bytes) -> UploadsPage:
    """A page of begun uploads that was asked for with URL encoding."""
    root = _parsed(body)
    begun = [
        BegunUpload(
            _key(root, _text(found, "Key")),
            _text(found, "UploadId"),
            datetime.fromisoformat(_text(found, "Initiated")),
        )
        for found in root.iterfind("{*}Upload")
    ]
    marker = None
    if root.findtext("{*}IsTruncated") == "true":
        marker = _key(root, _text(root, "NextKeyMarker")), _text(root, "NextUploadIdMarker")
    return UploadsPage(begun, marker)


def upload_id(body: bytes) -> str:
    """The name of an upload that was just begun."""
    return _text(_parsed(body), "UploadId")


def completion(parts: Sequence[SentPart]) -> bytes:
    """What makes an object of the parts that were sent."""
    listed = "".join(
        f"<Part><PartNumber>{part.number}</PartNumber><ETag>{escape(part.etag)}</ETag>{_checksum(part)}</Part>"
        for part in parts
    )
    return f'<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{listed}</CompleteMultipartUpload>'.encode()


def _key(listed: ET.Element, text: str) -> str:
    """A key in a list; not every provider encodes them, though all are asked to."""
    return unquote_plus(text) if listed.findtext("{*}EncodingType") == "url" else text


def _checksum(part: SentPart) -> str:
    return f"<ChecksumCRC32>{part.crc32}</ChecksumCRC32>" if part.crc32 else ""


def _parsed(body: bytes) -> ET.Element:
    try:
        return ET.fromstring(body)
    except ET.ParseError as error:
        raise StorageError("S3 answered with something that is no XML") from error


def _text(element: ET.Element, name: str) -> str:
    text = element.findtext(f"{{*}}{name}")
    if text is None:
        raise StorageError(f"S3 answered without {name}")
    return text


def _local_name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
