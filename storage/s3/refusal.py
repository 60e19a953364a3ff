"""What S3 says when it does not do what it was asked for."""

from __future__ import annotations

from enum import Enum, auto
from http import HTTPStatus

from errors import ObjectNotFoundError, StorageError
from storage.s3 import documents

TRANSIENT_STATUSES = frozenset({408, 409, 429, 500, 502, 503, 504})
TRANSIENT_CODES = frozenset(
    {
        "BadDigest",
        "IncompleteBody",
        "InternalError",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "XAmzContentSHA256Mismatch",
    }
)
"""Answered with 200 or 400, and nevertheless worth another try."""

NO_OBJECT = frozenset({"NoSuchKey", "NotFound", ""})


class NoCredentialsError(StorageError):
    """Nobody has told us who we are to S3."""


class RefusedError(StorageError):
    """An answer that is an error. `code` is S3's word for it, or empty where the answer has no body."""

    def __init__(self, status: int, code: str, message: str) -> None:
        transient = status in TRANSIENT_STATUSES or code in TRANSIENT_CODES
        super().__init__(f"S3 answered {status} {code} {message}".rstrip(), retryable=transient)
        self.status = status
        self.code = code
        self.message = message


class Concern(Enum):
    """What an operator looks at when S3 does not do what it is asked for."""

    BUCKET = auto()
    IDENTITY = auto()
    SECRET = auto()
    REGION = auto()
    SERVICE = auto()


BY_CODE = {
    "AuthorizationHeaderMalformed": Concern.REGION,
    "InvalidBucketName": Concern.BUCKET,
    "NoSuchBucket": Concern.BUCKET,
    "PermanentRedirect": Concern.REGION,
    "SignatureDoesNotMatch": Concern.SECRET,
    "XAdminUserNotFound": Concern.IDENTITY,  # versitygw's
}
BY_STATUS: dict[int, Concern] = {
    HTTPStatus.MOVED_PERMANENTLY: Concern.REGION,
    HTTPStatus.UNAUTHORIZED: Concern.IDENTITY,
    HTTPStatus.FORBIDDEN: Concern.IDENTITY,
    HTTPStatus.NOT_FOUND: Concern.BUCKET,
}


def concern(error: StorageError) -> Concern:
    """What is behind a failure."""
    if isinstance(error, NoCredentialsError):
        return Concern.IDENTITY
    if not isinstance(error, RefusedError):
        return Concern.SERVICE
    by_status = BY_STATUS.get(error.status, Concern.SERVICE)
    return BY_CODE.get(error.code, by_status)


def refusal(status: int, body: bytes, key: str) -> StorageError:
    """What an answer means; `key` is empty where the bucket was asked."""
    code, message = (" ".join(said.split()) for said in documents.error(body))
    if key and status == HTTPStatus.NOT_FOUND and code in NO_OBJECT:
        return ObjectNotFoundError(key)
    return RefusedError(status, code, message)
