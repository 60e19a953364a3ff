"""A fetcher whose names are looked up in a table."""

from __future__ import annotations

import asyncio

import pytest

from processing.fetch import Fetcher, FetchLimits, target
from tests.processing.fetch.origin import HOST, Origin

LIMITS = FetchLimits(max_bytes=100_000, total_seconds=5, silence_seconds=2)


class Names:
    """A resolver that knows these names, and keeps what it was asked."""

    def __init__(self, **addresses: str) -> None:
        self.addresses = {name.replace("_", "."): found.split() for name, found in addresses.items()}
        self.asked = []

    async def __call__(self, host):
        self.asked.append(host)
        if host not in self.addresses:
            raise OSError("no such name")
        return self.addresses[host]


@pytest.fixture
async def origin():
    async with Origin().listening() as server:
        yield server


@pytest.fixture
async def canary():
    """Nobody may connect to it."""
    async with Origin().listening() as server:
        yield server
        assert server.connects == 0


@pytest.fixture
def names():
    return Names(origin_test="127.0.0.1")


@pytest.fixture
def fetcher(names, origin):
    """One that may fetch from the origin, under the name HOST alone."""
    return Fetcher(LIMITS, names, [(HOST, origin.port)])


@pytest.fixture
def public_fetcher(names):
    """One that may fetch from public addresses alone."""
    return Fetcher(LIMITS, names)


@pytest.fixture
def dialled(monkeypatch):
    """Which addresses are connected to; none of them answers."""
    found = []

    async def refuse(_loop, sock, address):
        found.append(address[:2])
        raise ConnectionRefusedError

    monkeypatch.setattr(asyncio.selector_events.BaseSelectorEventLoop, "sock_connect", refuse)
    return found


async def fetched(fetcher, url):
    """The whole file."""
    async with fetcher.open(target.parsed(url)) as found:
        return b"".join([bytes(piece) async for piece in found.pieces])
