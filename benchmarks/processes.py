"""The processes that are measured: started bound to this one, and what the kernel says of their CPU time and memory."""

from __future__ import annotations

import asyncio
import math
import os
import re
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import embedded

READY_SECONDS = 60
END_SECONDS = 30
POLL_SECONDS = 0.05
IDLE_SECONDS, IDLE_SHARE = 0.3, 0.05
CPUCLOCK_SCHED = 2
RESET_PEAK = "5"

Measure = Callable[[int], float]
"""Something about a process, by its id."""


class NotReadyError(Exception):
    """A process ended, or did not listen in time."""


@asynccontextmanager
async def running(
    command: list[str], *, port: int | None, log: Path, **environment: str
) -> AsyncIterator[int]:
    """Run a command until the block ends; gives its process id once it listens on `port`.

    It runs in the folder of its log, sees nothing of this environment but PATH and HOME, and ends with this process.
    """
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    with log.open("wb") as file:
        process = await embedded.start(
            command,
            when_parent_dies=signal.SIGKILL,
            env=inherited | environment,
            cwd=log.parent,
            stdout=file,
            stderr=file,
        )
    try:
        if port is not None:
            await _listening(process, port, log)
        yield process.pid
    finally:
        await embedded.end(process, END_SECONDS)


async def _listening(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end and process.returncode is None:
        try:
            _, writer = await asyncio.open_connection(embedded.HOST, port)
        except OSError:
            await asyncio.sleep(POLL_SECONDS)
        else:
            writer.close()
            return
    raise NotReadyError(f"{log.stem} does not listen:\n{_last_words(log)}")


def _last_words(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]


@contextmanager
def pinned(processors: frozenset[int]) -> Iterator[None]:
    """What this thread starts in the block runs on these processors only, and so does the thread itself meanwhile."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, processors)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


async def idle(pid: int) -> None:
    """Returns when a process has next to nothing to do.

    Raises:
        TimeoutError: It is busy for longer than it may take to start.
    """
    before, used_ms = cpu_ms(pid), math.inf
    async with asyncio.timeout(READY_SECONDS):
        while used_ms > IDLE_SHARE * IDLE_SECONDS * 1e3:
            await asyncio.sleep(IDLE_SECONDS)
            after = cpu_ms(pid)
            before, used_ms = after, after - before


def cpu_ms(pid: int) -> float:
    """What a process has used so far, all its threads together, those that have ended too.

    Source: clock_getcpuclockid(3), whose result is made in this way on Linux.
    """
    return time.clock_gettime_ns(~pid << 3 | CPUCLOCK_SCHED) / 1e6


@dataclass
class Memory:
    """Resident memory of a process in megabytes: when the measuring began, and at the most."""

    idle_mb: float
    peak_mb: float


@contextmanager
def memory(pid: int) -> Iterator[Memory]:
    """What the block makes the process take; complete when it has ended."""
    forget_peak(pid)
    taken = Memory(peak_mb(pid), 0)
    yield taken
    taken.peak_mb = peak_mb(pid)


def forget_peak(pid: int) -> None:
    """Lets the peak begin anew. Source: proc(5), `clear_refs`."""
    Path(f"/proc/{pid}/clear_refs").write_text(RESET_PEAK)


def peak_mb(pid: int) -> float:
    """The most that was resident, in megabytes, since the process began or its peak was forgotten."""
    found = re.search(r"^VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    if found is None:
        raise NotReadyError(f"process {pid} has ended")
    return int(found[1]) * 1024 / 1e6
