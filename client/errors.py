"""What a client may have to hear."""

from __future__ import annotations

from typing import Any, Final

UNAUTHENTICATED: Final = "UNAUTHENTICATED"
EVENTS_EXPIRED: Final = "EVENTS_EXPIRED"
NOT_FOUND: Final = "NOT_FOUND"


class RefusedError(Exception):
    """The service said no.

    Attributes:
        code: Of a GraphQL error its code; of a mutation's typed error its name, such as `FileTooLargeError`.
        answer: That typed error, with the facts that it has; None for a GraphQL error.
    """

    def __init__(self, message: str, code: str | None = None, answer: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.answer = answer


class UnreachableError(Exception):
    """The service does not answer, or the connection to it was lost."""
