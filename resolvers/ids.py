"""Ids as clients see them: opaque, and telling what they are the id of."""

from __future__ import annotations

import base64
import binascii

from beanie import Document, PydanticObjectId
from bson import ObjectId

from errors import NotFoundError

LONGEST_CHARACTERS = 128
NOTHING = PydanticObjectId(bytes(12))
"""The id of no document: it stands for a client's text that is the id of none, where everything else is listed."""

URL_SAFE = bytes.maketrans(b"+/", b"-_")


def of(document: Document) -> str:
    """A document's id; documents are named as their GraphQL types are."""
    return encode(type(document).__name__, document.id)


def encode(kind: str, document_id: object) -> str:
    """The id of a `kind`, such as `Image`."""
    raw = binascii.b2a_base64(f"{kind}:{document_id}".encode(), newline=False)
    return raw.translate(URL_SAFE, b"=").decode()


def decode(global_id: str, kind: str) -> PydanticObjectId | None:
    """The document's id; None for whatever `encode` did not make of this kind."""
    parts = split(global_id)
    return parts[1] if parts and parts[0] == kind else None


def required(global_id: str, kind: str) -> PydanticObjectId:
    """As `decode`.

    Raises:
        NotFoundError: It is none of this kind, which is told as if it were unknown.
    """
    document_id = decode(global_id, kind)
    if document_id is None:
        raise NotFoundError(global_id)
    return document_id


def split(global_id: str) -> tuple[str, PydanticObjectId] | None:
    """The kind and the document's id; None for whatever `encode` did not make."""
    if len(global_id) > LONGEST_CHARACTERS:
        return None
    try:
        padded = global_id.encode("ascii") + b"=" * (-len(global_id) % 4)
        kind, _, document_id = (
            base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii").partition(":")
        )
    except (ValueError, binascii.Error):
        return None
    if not ObjectId.is_valid(document_id):
        return None
    found = kind, PydanticObjectId(document_id)
    return found if encode(*found) == global_id else None
