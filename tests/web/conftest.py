"""A service with a shop beside it whose pictures batches may fetch, and somebody at the app."""

from __future__ import annotations

import asyncio

import pytest

from embedded import free_port
from tests import pictures
from tests.client import Person
from tests.processing.fetch.origin import Origin, ok
from tests.service import Service
from tests.web import visitor


@pytest.fixture(scope="session")
def shop_port():
    return free_port()


@pytest.fixture(scope="session")
def working(mongo_uri, xdist_worker, tmp_path_factory, shop_port):
    settings = {
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": f"web_{xdist_worker}",
        "FETCH_PRIVATE_ALLOWLIST": f"127.0.0.1:{shop_port}",
    }
    with Service(tmp_path_factory.mktemp("web"), **settings) as running:
        yield running


class Shop(Origin):
    """Pictures at once, and others that wait until the gate is opened."""

    def __init__(self):
        super().__init__()
        self.gate = asyncio.Event()
        self.answers = {
            "/a.jpg": ok(pictures.jpeg(300, 200, seed=1)),
            "/b.jpg": ok(pictures.jpeg(300, 200, seed=2)),
        }

    def at(self, path):
        return self.url(path, "127.0.0.1")

    def late(self, number):
        """The address of a picture that comes once the gate is open."""
        path = f"/late{number}.jpg"
        self.answers[path] = self._after_the_gate(ok(pictures.jpeg(300, 200, seed=100 + number)))
        return self.at(path)

    def _after_the_gate(self, answer):
        async def write(writer):
            await self.gate.wait()
            writer.write(answer)
            await writer.drain()

        return write


@pytest.fixture
async def shop(shop_port):
    async with Shop().listening(port=shop_port) as open_shop:
        yield open_shop
        open_shop.gate.set()


@pytest.fixture
async def ann(working):
    async with Person.signed_up(working.url) as person:
        yield person


@pytest.fixture
async def guest(chromium, working):
    """At the app, and nobody yet."""
    async with visitor.visiting(chromium, working.url) as somebody:
        yield somebody


@pytest.fixture
async def at_home(guest, ann):
    """Ann, signed in, at her photos."""
    await guest.sign_in(ann)
    return guest


@pytest.fixture
def visits(chromium, working):
    """Further ones, on other devices."""

    def visit(**device):
        return visitor.visiting(chromium, working.url, **device)

    return visit
