"""Every error that Darkroom raises, as one tree.

DarkroomError
├── UserError                     the caller can mend it; each has a GraphQL twin of the same name
│   ├── InvalidInputError         a field of the input is wrong; `field` is its path
│   ├── EmailTakenError
│   ├── InvalidCredentialsError
│   ├── RateLimitedError          too often; `retry_after_seconds` says when to come again
│   ├── NotFoundError             nothing of the viewer's has this `id`
│   ├── FileTooLargeError         more than `limit_bytes`
│   ├── UnsupportedFormatError    not a format that comes in; `detected_media_type` if known
│   ├── CorruptImageError         the format is right, the structure is not
│   ├── ImageTooLargeError        more pixels than `limit_pixels`, or frames than `limit_frames`
│   ├── QuotaExceededError        the viewer's originals would hold more than `limit_bytes`
│   ├── WrongStateError           what is in this `state` cannot be changed so
│   ├── IdempotencyConflictError  the key was used before, for something else
│   ├── FetchFailedError          nothing could be fetched from an address; why is in the log only
│   └── InvalidManifestError      no batch can be made of a manifest; `problems` say why
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
│   ├── OperationTimeoutError     it ran for too long and was ended
│   ├── TooManyStreamsError       429: one sender has too many sockets and event streams open
│   ├── ClientGoneError           the client hung up: nobody is left to answer
│   ├── PersistedQueryNotFoundError  400: no document is known by the hash that names it
│   ├── PersistedQueryMismatchError  400: a document does not fit the hash that names it
│   ├── DocumentNotTrustedError   400: the document is not in the manifest of those that may run
│   └── QueryTooComplexError      400: the document costs more than the limits allow
├── StorageError                  a provider failed; `retryable` says whether trying again may help
│   ├── ObjectNotFoundError       no such object
│   └── StorageNotSetUpError      an image lies in a storage that this process has no settings for
├── OutcomeUnknownError           a transaction was sent and its answer lost: it may have been kept
├── QueueError                    the queue failed
│   └── QueueRefusedError         its server answers and turns us away
├── ImageGoneError                an image is not as it was when it was read: to be looked at anew
├── LeaseLostError                somebody else may hold by now what was held: nothing may be written on its strength
├── DuplicateImageError           the owner has these bytes already; `processing/ingest.py` answers with that image
├── RoomTooSmallError             what goes turned out smaller than the room reserved beside it; it is reserved anew
├── DecodeError                   a picture that looked sound does not decode; its work is not retried
├── DecoderGoneError              the process that decoded a picture ended; its work is retried
└── ConfigurationError            a setting is wrong; the message is the one line that the operator sees
"""

from __future__ import annotations

from errors.operation import (
    BadUserInputError,
    BodyTimeoutError,
    ClientGoneError,
    CsrfError,
    DocumentNotTrustedError,
    EventsExpiredError,
    MalformedRequestError,
    OperationError,
    OperationTimeoutError,
    PayloadTooLargeError,
    PersistedQueryMismatchError,
    PersistedQueryNotFoundError,
    QueryTooComplexError,
    ResourceNotFoundError,
    TooManyStreamsError,
    UnauthenticatedError,
    UnsupportedEncodingError,
)
from errors.own import (
    ConfigurationError,
    DecodeError,
    DecoderGoneError,
    DuplicateImageError,
    ImageGoneError,
    LeaseLostError,
    ObjectNotFoundError,
    OutcomeUnknownError,
    QueueError,
    QueueRefusedError,
    RoomTooSmallError,
    StorageError,
    StorageNotSetUpError,
)
from errors.root import (
    DarkroomError,
)
from errors.user import (
    CorruptImageError,
    EmailTakenError,
    FetchFailedError,
    FileTooLargeError,
    IdempotencyConflictError,
    ImageTooLargeError,
    InvalidCredentialsError,
    InvalidInputError,
    InvalidManifestError,
    NotFoundError,
    QuotaExceededError,
    RateLimitedError,
    UnsupportedFormatError,
    UserError,
    WrongStateError,
)

__all__ = [
    "BadUserInputError",
    "BodyTimeoutError",
    "ClientGoneError",
    "ConfigurationError",
    "CorruptImageError",
    "CsrfError",
    "DarkroomError",
    "DecodeError",
    "DecoderGoneError",
    "DocumentNotTrustedError",
    "DuplicateImageError",
    "EmailTakenError",
    "EventsExpiredError",
    "FetchFailedError",
    "FileTooLargeError",
    "IdempotencyConflictError",
    "ImageGoneError",
    "ImageTooLargeError",
    "InvalidCredentialsError",
    "InvalidInputError",
    "InvalidManifestError",
    "LeaseLostError",
    "MalformedRequestError",
    "NotFoundError",
    "ObjectNotFoundError",
    "OperationError",
    "OperationTimeoutError",
    "OutcomeUnknownError",
    "PayloadTooLargeError",
    "PersistedQueryMismatchError",
    "PersistedQueryNotFoundError",
    "QueryTooComplexError",
    "QueueError",
    "QueueRefusedError",
    "QuotaExceededError",
    "RateLimitedError",
    "ResourceNotFoundError",
    "RoomTooSmallError",
    "StorageError",
    "StorageNotSetUpError",
    "TooManyStreamsError",
    "UnauthenticatedError",
    "UnsupportedEncodingError",
    "UnsupportedFormatError",
    "UserError",
    "WrongStateError",
]
