"""What the worker and a process of the codec say to each other.

A job is a pickle, and comes with two descriptors: the image, sealed, and where the result goes. What comes back are
lines of JSON, since it may come from a process that damaged bytes have taken over.
"""

from __future__ import annotations

import pickle
import socket
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from models.values import Failure
from processing.codec.base import Wish
from processing.codec.orders import Development, Facts, Rendering
from processing.probe import Limits

MOST_BYTES: Final = 64 * 2**10
"""No job and no line is longer."""


@dataclass(frozen=True)
class Job:
    """What a process is to do, and what it may use for it; `memory_bytes` is on top of what it has at birth."""

    order: Wish | Development | Rendering
    limits: Limits
    cpu_seconds: float
    memory_bytes: int


class Made(BaseModel):
    """An image made smaller; its bytes are where the result goes."""

    media_type: str
    width_px: int
    height_px: int
    kept_original: bool


class Line(BaseModel):
    """What became of a job, as its process says, or of the process, as its mother says when it has ended.

    A variant has no facts, `is_rendered` says that it is there. `is_last` says that the process ends after this.
    `status` is an exit status, or the signal as a negative number.
    """

    made: Made | None = None
    developed: Facts | None = None
    is_rendered: bool = False
    failure: Failure | None = None
    is_last: bool = False
    status: int | None = None

    def encoded(self) -> bytes:
        """As it is sent."""
        return self.model_dump_json(exclude_defaults=True).encode() + b"\n"


def send(line: socket.socket, job: Job, image: int, result: int) -> None:
    """Hands a job over.

    Raises:
        OSError: The process is no longer there.
    """
    socket.send_fds(line, [pickle.dumps(job)], [image, result])


def receive(line: socket.socket) -> tuple[Job, int, int] | None:
    """The next job; None once nobody is there who could send one."""
    message, descriptors, _, _ = socket.recv_fds(line, MOST_BYTES, 2)
    if not message:
        return None
    job: Job = pickle.loads(message)  # noqa: S301 - it comes from the worker
    image, result = descriptors
    return job, image, result
