"""A process that makes one image after the other smaller, and may die of any."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final, NoReturn, Protocol

from processing.codec import endings, memory, wire
from processing.codec.base import Compressed, CompressionError, Wish
from processing.probe import Limits

PR_SET_PDEATHSIG: Final = 1
BROKEN: Final = 70
"""The exit status of a process whose codec raised what it should not."""


class Engine(Protocol):
    """What makes images smaller: `compress.py`. It may end the process."""

    def prepare(self) -> str:
        """Loads what it needs, once, in the mother of all children; gives the names of that."""
        ...

    def on_fatal(self, say: Callable[[CompressionError], None]) -> None:
        """Names who is told before it ends the process itself."""
        ...

    def compress(self, content: memoryview, wish: Wish, limits: Limits) -> Compressed:
        """The image, made smaller.

        Raises:
            CompressionError: It cannot be.
        """
        ...


def live(line: socket.socket, engine: Engine, mother: int) -> NoReturn:
    """Does the jobs that come over the line until it is hung up."""
    status = BROKEN
    try:
        _bind(mother)
        engine.on_fatal(lambda error: _send(line, wire.Line(failure=error.failure, is_last=True)))
        _work(line, engine)
        status = 0
    except BaseException:  # noqa: BLE001 - whatever it is, this process must not go on as its mother
        traceback.print_exc()
    finally:
        os._exit(status)


def _bind(mother: int) -> None:
    """No core is written, and the end of the mother is the end of the child."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != mother:
        sys.exit("the mother has ended")


def _work(line: socket.socket, engine: Engine) -> None:
    at_birth_bytes = _address_space_bytes()
    while received := wire.receive(line):
        job, image, result = received
        if at_birth_bytes:
            resource.setrlimit(resource.RLIMIT_AS, (at_birth_bytes + job.memory_bytes,) * 2)
        signal.setitimer(signal.ITIMER_PROF, job.cpu_seconds)  # SIGPROF ends a process that has no handler
        try:
            said = _done(job, image, result, engine)
        finally:
            os.close(image)
            os.close(result)
        signal.setitimer(signal.ITIMER_PROF, 0)
        _send(line, said)


def _send(line: socket.socket, said: wire.Line) -> None:
    line.sendall(said.encoded())


def _done(job: wire.Job, image: int, result: int, engine: Engine) -> wire.Line:
    try:
        made = engine.compress(memory.view(image, os.fstat(image).st_size), job.wish, job.limits)
    except CompressionError as error:
        return wire.Line(failure=error.failure)
    except MemoryError:
        return wire.Line(failure=endings.TOO_LARGE)
    memory.write(result, made.content, at=0)
    facts = wire.Made(
        media_type=made.media_type,
        width_px=made.width_px,
        height_px=made.height_px,
        kept_original=made.kept_original,
    )
    return wire.Line(made=facts)


def _address_space_bytes() -> int | None:
    """What this process has; None where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except FileNotFoundError:
        return None
    return pages * resource.getpagesize()
