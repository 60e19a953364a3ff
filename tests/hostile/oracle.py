"""What holds whatever comes: nobody else waits, nothing is left over, and no answer tells of the inside."""

from __future__ import annotations

import asyncio
import os
import re
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import aiohttp

from tests.service import ROOT, Service

HEALTHY_SECONDS = 10.0
"""Whoever waits longer was forgotten. How long a healthy request really takes is measured, on a machine that does
nothing else, by `make hostile`: p99 below a second.
"""

LOOK_EVERY_SECONDS = 0.1
SPARE_DESCRIPTORS = 12  # connections that MongoDB's driver and clients keep open for a while
SPARE_BYTES = 128 * 2**20  # what an allocator keeps for next time
BACK_WITHIN_SECONDS = 15
TALKATIVE = re.compile(
    rf"Traceback|File \\?\"|\.py\b|site-packages|{re.escape(str(ROOT))}|mongodb://|pymongo|\bobject at 0x"
)


@dataclass(frozen=True)
class Footprint:
    """What a process holds."""

    descriptors: int
    memory_bytes: int
    spooled_files: int

    @classmethod
    def of(cls, process_id: int) -> Footprint:
        """As the kernel tells it."""
        links = [_link(each) for each in Path(f"/proc/{process_id}/fd").iterdir()]
        pages = int(Path(f"/proc/{process_id}/statm").read_text().split()[1])
        return cls(len(links), pages * os.sysconf("SC_PAGE_SIZE"), sum("(deleted)" in link for link in links))

    def fits(self, before: Footprint) -> bool:
        """Whether it is about what it was."""
        return (
            self.descriptors <= before.descriptors + SPARE_DESCRIPTORS
            and self.memory_bytes <= before.memory_bytes + SPARE_BYTES
            and self.spooled_files <= before.spooled_files
        )


def says_nothing_of_the_inside(body: str) -> bool:
    """Whether an answer has no trace, no path, no module and no address of ours in it."""
    return TALKATIVE.search(body) is None


@asynccontextmanager
async def unharmed(service: Service) -> AsyncIterator[None]:
    """What happens in the block harms nobody: the processes live, hold no more than before, logged no trace of an
    error, and a healthy request was answered within HEALTHY_SECONDS all the while.
    """
    before = {name: Footprint.of(process.pid) for name, process in service.processes.items()}
    logged = {name: len(service.log(name)) for name in service.processes}
    async with others_are_served(service.url):
        yield
    for name, process in service.processes.items():
        assert process.poll() is None, f"{name} has died:\n{service.log(name)[-2000:]}"
        assert "Traceback" not in service.log(name)[logged[name] :]
        await _back_to(before[name], name, process.pid)


@asynccontextmanager
async def others_are_served(url: str) -> AsyncIterator[None]:
    """Healthy requests are asked and answered all the while, each within HEALTHY_SECONDS; in a loop of their own, which
    stands still for nothing that the attack does in its.
    """
    ending = threading.Event()
    watching = asyncio.create_task(asyncio.to_thread(lambda: asyncio.run(_slowest(url, ending))))
    try:
        yield
    finally:
        ending.set()
        slowest_seconds = await watching
    assert slowest_seconds < HEALTHY_SECONDS, f"a healthy request took {slowest_seconds:.2f} s"


async def _slowest(url: str, ending: threading.Event) -> float:
    slowest_seconds = 0.0
    anew = aiohttp.TCPConnector(force_close=True)  # who keeps a connection may be hung up on meanwhile
    async with aiohttp.ClientSession(base_url=url, connector=anew) as healthy:
        while not ending.is_set():
            began = time.monotonic()
            async with healthy.post("/graphql", json={"query": "{ __typename }"}) as response:
                assert response.status == HTTPStatus.OK
            slowest_seconds = max(slowest_seconds, time.monotonic() - began)
            await asyncio.sleep(LOOK_EVERY_SECONDS)
    return slowest_seconds


async def _back_to(before: Footprint, name: str, process_id: int) -> None:
    end = time.monotonic() + BACK_WITHIN_SECONDS
    while not (after := Footprint.of(process_id)).fits(before):
        assert time.monotonic() < end, f"{name} held {before}, and now {after}"
        await asyncio.sleep(LOOK_EVERY_SECONDS)


def _link(descriptor: Path) -> str:
    try:
        return str(descriptor.readlink())
    except FileNotFoundError:  # closed meanwhile
        return ""
