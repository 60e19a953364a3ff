"""A stop that comes to its end: the process is gone soon after the grace, whoever does not let go of it.

What a driver or a provider has not answered by then is lost with the process. It may be: bytes come before documents,
and leases end by themselves.
"""

from __future__ import annotations

import os
import threading

import structlog

RESERVE_SECONDS = 5.0
"""For handing back what did not end within the grace, and for closing connections."""

CUT_SHORT = 1

log = structlog.get_logger()


def begin(grace_seconds: float) -> None:
    """To be called when a stop begins. The event loop is not relied on: it may be what hangs."""
    watch = threading.Timer(grace_seconds + RESERVE_SECONDS, _leave)
    watch.daemon = True
    watch.start()


def _leave() -> None:
    log.error(
        "stop cut short", reason="something did not end in time; what was in hand is taken up elsewhere"
    )
    os._exit(CUT_SHORT)
