"""A connection to S3 on which anything can go wrong, and what is behind it."""

from __future__ import annotations

import asyncio
import secrets

import pytest
import uvloop

from tests.storage.faulty_s3 import FaultyS3

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


def pytest_asyncio_loop_factories(item):
    """The loops that a test may name; one that names none has the usual one."""
    marker = item.get_closest_marker("asyncio")
    return LOOPS if marker and "loop_factories" in marker.kwargs else None


@pytest.fixture
async def faulty(moto):
    async with FaultyS3(moto) as running:
        yield running


@pytest.fixture
def storage(faulty):
    return faulty.storage


@pytest.fixture
def key():
    return f"originals/{secrets.token_hex(8)}"
