"""What S3 says when it does not do what it was asked for."""

from __future__ import annotations

from errors import ObjectNotFoundError, StorageError
from storage.s3 import documents

TRANSIENT_STATUSES = frozenset({408, 409, 429, 500, 502, 503, 504})
TRANSIENT_CODES = frozenset(
    {"BadDigest", "IncompleteBody", "InternalError", "RequestTimeout", "ServiceUnavailable", "SlowDown"}
)
"""Answered with 200 or 400, and nevertheless worth another try."""

NO_OBJECT = frozenset({"NoSuchKey", "NotFound", ""})
NOT_FOUND = 404


class RefusedError(StorageError):
    """An answer that is an error. `code` is S3's word for it, or empty where the answer has no body."""

    def __init__(self, status: int, code: str, message: str) -> None:
        transient = status in TRANSIENT_STATUSES or code in TRANSIENT_CODES
        super().__init__(f"S3 answered {status} {code} {message}".rstrip(), retryable=transient)
        self.status = status
        self.code = code
        self.message = message


def refusal(status: int, body: bytes, key: str) -> StorageError:
    """What an answer means; `key` is empty where the bucket was asked."""
    code, message = documents.error(body)
    if key and status == NOT_FOUND and code in NO_OBJECT:
        return ObjectNotFoundError(key)
    return RefusedError(status, code, message)
