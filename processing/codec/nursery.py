"""The worker's side of the mother process: starts her, starts her anew when she dies, and has children born."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from pathlib import Path
from typing import Final

import structlog

ROOT: Final = Path(__file__).parents[2]
ENVIRONMENT: Final = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIPS_CONCURRENCY")
"""What of the worker's the codec is given: the rest is full of secrets."""

ALONE: Final = {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
"""A process that forks should have one thread, and numpy starts others. Threads of decoders share one heap: each of its
own would take room for 64 MiB from what a picture may have.
"""

END_SECONDS: Final = 5
NAME_BYTES: Final = 1000

log = structlog.get_logger()


class Nursery:
    """Has a mother while one is wanted: from `prepare` or the first child on, until it is closed. Children who have
    finished a job rest here until there is another one.
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self._resting: list[socket.socket] = []
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self._starting = asyncio.Lock()
        self._introduction: asyncio.Task[None] | None = None

    async def prepare(self) -> None:
        """Has her start, so that the first child need not wait until she has imported what she needs."""
        async with self._starting:
            if self._control is None:
                await self._start()

    async def child(self) -> socket.socket:
        """The line to a child who rests, or else to a new one; whoever closes it has the child killed.

        Raises:
            OSError: There are too many processes or descriptors.
        """
        while self._resting:
            line = self._resting.pop()
            if _is_quiet(line):
                return line
            line.close()
        return await self._born()

    def rest(self, line: socket.socket) -> None:
        """Takes back the line to a child who waits for another job."""
        self._resting.append(line)

    async def close(self) -> None:
        """Ends mother and children."""
        process, self._process = self._process, None
        while self._resting:
            self._resting.pop().close()
        if self._introduction:
            self._introduction.cancel()
            await asyncio.wait({self._introduction})
        if self._control:
            self._control.close()
        if process:
            await _end(process)

    async def _born(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        try:
            with theirs:
                await self._ask(theirs)
        except BaseException:
            ours.close()
            raise
        return ours

    async def _ask(self, line: socket.socket) -> None:
        async with self._starting:
            try:
                self._send(line)
            except OSError:  # she is not there yet, or not any more
                await self.close()
                await self._start()
                self._send(line)

    def _send(self, line: socket.socket) -> None:
        if self._control is None:
            raise BrokenPipeError
        socket.send_fds(self._control, [b"+"], [line.fileno()])

    async def _start(self) -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        kept = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "processing.codec.mother", str(theirs.fileno()), self._module),
                pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                env=kept | ALONE | {"PYTHONPATH": str(ROOT)},
            )
        self._control = ours
        self._introduction = asyncio.create_task(_introduced(ours))


async def _introduced(control: socket.socket) -> None:
    """Writes down what images go through: there are machines where it is not the fastest."""
    name = await asyncio.get_running_loop().sock_recv(control, NAME_BYTES)
    if name:
        log.debug("codec ready", libraries=name.decode())


async def _end(process: asyncio.subprocess.Process) -> None:
    try:
        async with asyncio.timeout(END_SECONDS):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _is_quiet(line: socket.socket) -> bool:
    """Whether a child that rests is still there."""
    try:
        line.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
