"""What an operation answers, and how an error is shaped so that nothing of ours leaks into a body."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import structlog
from graphql import ExecutionResult, GraphQLError

from errors import OperationError

log = structlog.get_logger(__name__)

MASKED_MESSAGE = "Something went wrong on our side. Quote this id when you report it."
EXECUTED = 200
REQUEST_ERROR = 400
LOCATIONS_SHOWN = 10  # a conflict among many fields names every one of them


@dataclass(frozen=True)
class Answer:
    """A GraphQL response.

    Attributes:
        data: What was executed gives; None as well when nothing ran.
        errors: Formatted, each with `extensions.code`.
        status: 200 once the operation was executed, with errors or without; otherwise why it was not.
        extensions: What else the client asked for.
    """

    data: dict[str, Any] | None
    errors: list[dict[str, Any]] = field(default_factory=list)
    status: int = EXECUTED
    extensions: dict[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        """The response map: `data` only if something was executed, `errors` and `extensions` only if there are any."""
        response: dict[str, Any] = {"errors": self.errors} if self.errors else {}
        if self.status == EXECUTED:
            response["data"] = self.data
        if self.extensions:
            response["extensions"] = self.extensions
        return response


def refusal(message: str, code: str, status: int = REQUEST_ERROR) -> Answer:
    """The answer to a request of which nothing was executed."""
    return Answer(None, [{"message": message, "extensions": {"code": code}}], status)


def refused(error: OperationError) -> Answer:
    """The answer to a request that `error` ended before anything was executed."""
    return Answer(None, [{"message": str(error), "extensions": error.extensions}], error.status)


def rejected(errors: Iterable[GraphQLError], code: str) -> Answer:
    """The answer to a document or to variables in which graphql-core found `errors`."""
    return Answer(None, [_formatted(error, error.message, {"code": code}) for error in errors], REQUEST_ERROR)


def executed(result: ExecutionResult, request_id: str) -> Answer:
    """The answer to an executed operation; faults of our own are logged and masked.

    Errors without a path come before execution: variables that do not fit their types.
    """
    errors = result.errors or []
    if result.data is None and any(error.path is None for error in errors):
        return rejected(errors, "BAD_USER_INPUT")
    return Answer(result.data, [_field_error(error, request_id) for error in errors])


def failed(fault: Exception, request_id: str) -> Answer:
    """The last answer of a stream whose source ended with `fault`."""
    if isinstance(fault, OperationError):
        return refused(fault)
    return Answer(None, [internal_error(fault, request_id)])


def internal_error(fault: BaseException, request_id: str) -> dict[str, Any]:
    """Logs a fault of our own under `request_id` and gives the words that the client may see."""
    log.error("operation failed", request_id=request_id, exc_info=fault)
    return {
        "message": MASKED_MESSAGE,
        "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": request_id},
    }


def _field_error(error: GraphQLError, request_id: str) -> dict[str, Any]:
    cause = error.original_error
    if isinstance(cause, OperationError):
        return _formatted(error, str(cause), cause.extensions)
    if isinstance(cause, GraphQLError) and "code" in (cause.extensions or {}):
        return _formatted(error, cause.message, dict(cause.extensions or {}))
    if isinstance(cause, GraphQLError) and cause.nodes:  # raised about the document: an argument does not fit
        return _formatted(error, cause.message, {"code": "BAD_USER_INPUT"})
    masked = internal_error(cause or error, request_id)
    return _formatted(error, masked["message"], masked["extensions"])


def _formatted(error: GraphQLError, message: str, extensions: dict[str, object]) -> dict[str, Any]:
    formatted: dict[str, Any] = {"message": message, "extensions": extensions}
    if error.locations:
        formatted["locations"] = [
            {"line": at.line, "column": at.column} for at in error.locations[:LOCATIONS_SHOWN]
        ]
    if error.path:
        formatted["path"] = error.path
    return formatted
