"""A fake ImageKit, and adapters as several processes would have them."""

from __future__ import annotations

import secrets

import aiohttp
import pytest

from storage.imagekit import adapter, delivery
from storage.imagekit.adapter import ImageKitStorage
from tests.imagekit.server import FakeImageKit


@pytest.fixture
def fake():
    with FakeImageKit() as running:
        yield running


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Nobody waits before trying again."""
    monkeypatch.setattr(delivery, "RETRY_AFTER_SECONDS", (0.0, 0.0))
    monkeypatch.setattr(adapter, "SEARCH_AGAIN_AFTER_SECONDS", (0.0, 0.0))


@pytest.fixture
async def storage(fake):
    opened = ImageKitStorage(**fake.access)
    yield opened
    await opened.close()


@pytest.fixture
async def elsewhere(fake):
    """The adapter of another process."""
    opened = ImageKitStorage(**fake.access)
    yield opened
    await opened.close()


@pytest.fixture
async def http():
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def key():
    return f"originals/{secrets.token_hex(12)}/{secrets.token_hex(12)}"
