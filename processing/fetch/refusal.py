"""Why something was not fetched: for the log and for callers inside, never for whoever asked."""

from __future__ import annotations

from errors import DarkroomError


class RefusedError(DarkroomError):
    """What `Fetcher` says in its log, and turns into a `FetchFailedError`.

    Attributes:
        status: What the server answered, if it answered at all.
        retry_after_seconds: When it wants to be asked again.
        is_temporary: Whether it may fare better later.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry_after_seconds: float | None = None,
        is_temporary: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after_seconds = retry_after_seconds
        self.is_temporary = is_temporary
