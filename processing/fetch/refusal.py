"""Why something was not fetched: for the log, never for whoever asked."""

from __future__ import annotations

from errors import DarkroomError


class RefusedError(DarkroomError):
    """What `Fetcher` says in its log, and turns into a `FetchFailedError`."""
