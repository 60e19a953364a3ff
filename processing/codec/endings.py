"""Why a process of the codec ended, as a failure of the image that it had."""

from __future__ import annotations

import signal
from typing import Final

from models.values import Failure

TOO_LARGE: Final = Failure(
    code="IMAGE_TOO_LARGE_TO_COMPRESS",
    message="The picture needs more memory than one may have.",
    retryable=False,
)
TOO_SLOW: Final = Failure(
    code="COMPRESSION_TIMED_OUT",
    message="The picture needs more processor time than one may have.",
    retryable=False,
)
NO_ANSWER: Final = Failure(
    code="COMPRESSION_TIMED_OUT",
    message="The codec did not answer in time.",
    retryable=True,
)
INTERRUPTED: Final = Failure(
    code="COMPRESSION_INTERRUPTED",
    message="The codec was ended while it had the picture.",
    retryable=True,
)
CRASHED: Final = Failure(
    code="COMPRESSION_CRASHED",
    message="The codec crashed on the picture.",
    retryable=False,
)


def failure(status: int | None) -> Failure:
    """What the image had to do with it. None is the end of a process whose mother has ended, too.

    SIGKILL is somebody else's: the operator's, or the system's when memory runs out. Any other end is the doing of
    the bytes, and another try would end as this one.
    """
    if status in (None, -signal.SIGKILL):
        return INTERRUPTED
    return TOO_SLOW if status == -signal.SIGPROF else CRASHED
