"""A process that decodes one image after the other, and may die of any."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NoReturn, Protocol

from processing.codec import endings, memory, wire
from processing.codec.base import Compressed, CompressionError, Wish
from processing.codec.orders import Development, Facts, Rendering
from processing.probe import Limits

PR_SET_PDEATHSIG: Final = 1
BROKEN: Final = 70
"""The exit status of a process whose codec raised what it should not."""


class Engine(Protocol):
    """What decodes images and makes something of them: `engine.py`. It may end the process."""

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

    def develop(self, content: memoryview, order: Development) -> tuple[Facts, list[bytes]]:
        """What goes with the presets, and the bytes of each. Raises as `compress` does."""
        ...

    def render(self, content: memoryview, order: Rendering) -> bytes:
        """A variant on demand. Raises as `compress` does."""
        ...


def live(line: socket.socket, engine: Engine, mother: int) -> NoReturn:
    """Does the jobs that come over the line until it is hung up."""
    status = BROKEN
    try:
        _bind(mother)
        engine.on_fatal(lambda error: _send(line, wire.Line(failure=error.failure, is_last=True)))
        _work(line, engine)
        status = 0
    except ConnectionError:  # the worker has died: nobody is there to be told
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
    _, most_bytes = resource.getrlimit(resource.RLIMIT_AS)
    while received := wire.receive(line):
        job, image, result = received
        if at_birth_bytes:
            resource.setrlimit(resource.RLIMIT_AS, (at_birth_bytes + job.memory_bytes, most_bytes))
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
    content = memory.view(image, os.fstat(image).st_size)
    try:
        said, pieces = _made(job, content, engine)
    except CompressionError as error:
        return wire.Line(failure=error.failure)
    except MemoryError:
        return wire.Line(failure=endings.TOO_LARGE)
    at = 0
    for piece in pieces:
        at += memory.write(result, piece, at=at)
    return said


def _made(
    job: wire.Job, content: memoryview, engine: Engine
) -> tuple[wire.Line, Sequence[bytes | memoryview]]:
    match job.order:
        case Development():
            facts, presets = engine.develop(content, job.order)
            return wire.Line(developed=facts), presets
        case Rendering():
            return wire.Line(is_rendered=True), [engine.render(content, job.order)]
        case Wish():
            made = engine.compress(content, job.order, job.limits)
    facts_of_smaller = wire.Made(
        media_type=made.media_type,
        width_px=made.width_px,
        height_px=made.height_px,
        kept_original=made.kept_original,
    )
    return wire.Line(made=facts_of_smaller), [made.content]


def _address_space_bytes() -> int | None:
    """What this process has; None where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except FileNotFoundError:
        return None
    return pages * resource.getpagesize()
