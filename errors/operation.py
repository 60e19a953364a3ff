"""What ends a field or a whole request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from errors.root import DarkroomError


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
        super().__init__(
            f"The request stopped coming for {timeout_seconds:g} seconds, or came too slowly for longer."
        )


class OperationTimeoutError(OperationError):
    """An operation took too long and was ended in the middle."""

    code = "OPERATION_TIMEOUT"

    def __init__(self, timeout_seconds: float) -> None:
        super().__init__(
            f"The operation was ended after {timeout_seconds:g} seconds. What a mutation did by then may be kept: "
            "look before you send it again."
        )


class TooManyStreamsError(OperationError):
    """A sender has as many sockets and event streams open as one may have."""

    code = "RATE_LIMITED"
    status = 429

    def __init__(self, limit: int) -> None:
        super().__init__(f"At most {limit:,} sockets and event streams may be open at once. Close one first.")


class ClientGoneError(OperationError):
    """The client hung up; nobody is left to answer, so nobody ever reads this."""

    code = "CLIENT_GONE"
    status = 499


class PersistedQueryNotFoundError(OperationError):
    """No document is known by the SHA-256 that the client names; clients then send its text too."""

    code = "PERSISTED_QUERY_NOT_FOUND"
    status = 400

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotFound")  # the very word that Apollo's clients look for


class PersistedQueryMismatchError(OperationError):
    """The text of a document has another SHA-256 than the client names."""

    code = "PERSISTED_QUERY_HASH_MISMATCH"
    status = 400

    def __init__(self) -> None:
        super().__init__("`sha256Hash` is not the SHA-256 of `query`, in lower-case hexadecimal digits.")


class DocumentNotTrustedError(OperationError):
    """Only the documents of a manifest run here, and this is none of them."""

    code = "DOCUMENT_NOT_TRUSTED"
    status = 400

    def __init__(self) -> None:
        super().__init__(
            "This service runs trusted documents only. Name one in `documentId`, or send its text exactly as its "
            "manifest has it; a new one must be added to the manifest first."
        )


class QueryTooComplexError(OperationError):
    """The document, or the operation with these variables, costs more than the limits allow; `cost` says what, if that is known."""

    code = "QUERY_TOO_COMPLEX"
    status = 400

    def __init__(self, message: str, cost: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self._cost = cost

    @property
    def extensions(self) -> dict[str, object]:
        """With the cost."""
        return {**super().extensions, "cost": self._cost} if self._cost else super().extensions
