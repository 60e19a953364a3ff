"""On whose behalf something is done, told along with the work that follows from it.

Nobody tells anything until `told_by` says who does: `telemetry` does, where a collector is set.
"""

from __future__ import annotations

from collections.abc import Callable

_tell: Callable[[], str | None] = lambda: None  # noqa: E731 - it is replaced


def told_by(tell: Callable[[], str | None]) -> None:
    """From now on this function says what `current` does."""
    global _tell  # noqa: PLW0603 - a process has one
    _tell = tell


def current() -> str | None:
    """Where the present operation stands in its trace, as `traceparent` has it; None without one.

    Source: W3C Trace Context.
    """
    return _tell()
