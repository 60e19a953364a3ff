"""Every error that Darkroom raises, as one tree.

DarkroomError
├── UserError                     the caller can mend it; each has a GraphQL twin of the same name
│   ├── InvalidInputError         a field of the input is wrong; `field` is its path
│   ├── EmailTakenError
│   ├── InvalidCredentialsError
│   ├── FileTooLargeError         more than `limit_bytes`
│   ├── UnsupportedFormatError    not a format that comes in; `detected_media_type` if known
│   ├── CorruptImageError         the format is right, the structure is not
│   └── ImageTooLargeError        more pixels than `limit_pixels`, or frames than `limit_frames`
├── OperationError                ends a field or a request; `code` goes into `extensions`
│   ├── UnauthenticatedError      no token, or one that is bad or over
│   ├── ResourceNotFoundError     subscriptions only: unknown, or not the viewer's
│   ├── BadUserInputError         an argument such as `first` is out of its range
│   ├── EventsExpiredError        the log no longer reaches back to `after`
│   ├── MalformedRequestError     400: not a GraphQL request
│   ├── CsrfError                 400: a cross-site form could have sent this
│   ├── PayloadTooLargeError      413
│   ├── UnsupportedEncodingError  415: a compressed body, or one of no known media type
│   ├── BodyTimeoutError          408: the client stopped sending in the middle of its request
│   ├── ClientGoneError           the client hung up: nobody is left to answer
│   └── QueryTooComplexError      400: the document costs more than the limits allow
├── StorageError                  a provider failed; `retryable` says whether trying again may help
│   └── ObjectNotFoundError       no such object
├── OutcomeUnknownError           a transaction was sent and its answer lost: it may have been kept
├── QueueError                    the queue failed
├── DuplicateImageError           the owner has these bytes already; `processing/ingest.py` answers with that image
├── DecodeError                   a picture that looked sound does not decode; its work is not retried
└── ConfigurationError            a setting is wrong; the message is the one line that the operator sees
"""

from __future__ import annotations

from typing import ClassVar


class DarkroomError(Exception):
    """The root of the tree."""


# ------------------------------------------------------------------ the caller can mend it


class UserError(DarkroomError):
    """A refusal that says what to do; `schema/errors.py` turns it into its twin."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidInputError(UserError):
    """A field of the input is wrong.

    Args:
        message: What is wrong and what is wanted.
        field: The path inside `input`, outermost first.
    """

    def __init__(self, message: str, *field: str) -> None:
        super().__init__(message)
        self.field = list(field)


class EmailTakenError(UserError):
    """Somebody has signed up with this address."""

    def __init__(self) -> None:
        super().__init__("Somebody has signed up with this address. Log in instead.")


class InvalidCredentialsError(UserError):
    """The same words for an unknown address and for a wrong password."""

    def __init__(self) -> None:
        super().__init__("The address or the password is wrong.")


class FileTooLargeError(UserError):
    """The file has more than `limit_bytes` bytes."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"The file is larger than {limit_bytes:,} bytes, the most that is taken.")
        self.limit_bytes = limit_bytes


class UnsupportedFormatError(UserError):
    """The bytes are of no format that comes in, whatever their name says.

    Args:
        detected_media_type: What they are instead, if that is known.
    """

    def __init__(self, detected_media_type: str | None = None) -> None:
        found = f"This is {detected_media_type}. " if detected_media_type else ""
        super().__init__(f"{found}Send a JPEG, PNG, WebP, GIF or AVIF image.")
        self.detected_media_type = detected_media_type


class CorruptImageError(UserError):
    """The format is known, the file is damaged or cut short."""


class ImageTooLargeError(UserError):
    """The picture has more pixels or frames than are decoded here."""

    def __init__(self, limit_pixels: int, limit_frames: int | None = None) -> None:
        frames = f" and {limit_frames:,} frames" if limit_frames else ""
        super().__init__(
            f"The picture has more than {limit_pixels:,} pixels a frame{frames}, the most that is taken."
        )
        self.limit_pixels = limit_pixels
        self.limit_frames = limit_frames


# ------------------------------------------------------------------ ends a field or a request


class OperationError(DarkroomError):
    """Ends a field or a whole request with `extensions.code`; `status` is the HTTP status if nothing ran."""

    code: ClassVar[str]
    status: ClassVar[int] = 200

    @property
    def extensions(self) -> dict[str, object]:
        """What GraphQL puts beside the message."""
        return {"code": self.code}


class UnauthenticatedError(OperationError):
    """There is no access token, or it is malformed, expired or revoked."""

    code = "UNAUTHENTICATED"
    status = 401

    SIGN_IN_FIRST = (
        "Sign in first: send the header `Authorization: Bearer <access token>`, or on a WebSocket "
        '`{"authorization": "Bearer <access token>"}` as the payload of `connection_init`.'
    )

    def __init__(self, message: str = SIGN_IN_FIRST) -> None:
        super().__init__(message)


class ResourceNotFoundError(OperationError):
    """Nothing with this id is the viewer's."""

    code = "NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is nothing with this id.")


class BadUserInputError(OperationError):
    """An argument is out of its range."""

    code = "BAD_USER_INPUT"


class EventsExpiredError(OperationError):
    """The log no longer reaches back to `after`."""

    code = "EVENTS_EXPIRED"

    def __init__(self) -> None:
        super().__init__("The events after this one are no longer kept. Subscribe without `after`.")


class MalformedRequestError(OperationError):
    """The body is not a GraphQL request."""

    code = "BAD_REQUEST"
    status = 400


class CsrfError(OperationError):
    """A form of another site could have sent this request."""

    code = "CSRF_PREVENTION"
    status = 400

    def __init__(self) -> None:
        super().__init__(
            "Add one of the headers `GraphQL-Require-Preflight: 1`, `Apollo-Require-Preflight: 1` or "
            "`X-Requested-With: fetch`. Without it, a form of another site could have sent this request."
        )


class PayloadTooLargeError(OperationError):
    """The body is larger, or has more files, than is taken."""

    code = "PAYLOAD_TOO_LARGE"
    status = 413


class UnsupportedEncodingError(OperationError):
    """The body is compressed, or of a media type that is not understood."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    status = 415


class BodyTimeoutError(OperationError):
    """The client stopped sending in the middle of its request."""

    code = "REQUEST_TIMEOUT"
    status = 408

    def __init__(self, timeout_seconds: float) -> None:
        super().__init__(f"No bytes of the request came for {timeout_seconds:g} seconds.")


class ClientGoneError(OperationError):
    """The client hung up; nobody is left to answer, so nobody ever reads this."""

    code = "CLIENT_GONE"
    status = 499


class QueryTooComplexError(OperationError):
    """The document costs more than the limits allow."""

    code = "QUERY_TOO_COMPLEX"
    status = 400


# ------------------------------------------------------------------ our own parts fail


class StorageError(DarkroomError):
    """A storage provider failed; `retryable` says whether trying again may help."""

    def __init__(self, message: str, *, retryable: bool = True) -> None:
        super().__init__(message)
        self.retryable = retryable


class ObjectNotFoundError(StorageError):
    """No object has this key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"no object with key {key!r}", retryable=False)
        self.key = key


class OutcomeUnknownError(DarkroomError):
    """A transaction was sent and its answer lost: it may have been kept, so nothing may be undone."""


class QueueError(DarkroomError):
    """The work queue failed."""


class DuplicateImageError(DarkroomError):
    """The owner has an image of exactly these bytes."""


class DecodeError(DarkroomError):
    """A picture that looked sound does not decode; trying again cannot help."""


class ConfigurationError(DarkroomError):
    """A setting is wrong; the message is the one line that the operator sees."""
