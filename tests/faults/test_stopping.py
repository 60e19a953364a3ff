"""A process that is told to stop is gone soon after its grace, also while MongoDB cannot be reached."""

from __future__ import annotations

import asyncio
import signal

import pytest

import embedded
from stopping import RESERVE_SECONDS
from tests import pictures
from tests.client import Person
from tests.service import Service

GRACE_SECONDS = 1
SILENT_SECONDS = 4
IN_TIME = GRACE_SECONDS + RESERVE_SECONDS + 5  # a busy machine has its own idea of seconds


@pytest.fixture
async def mongod(tmp_path):
    async with embedded.mongod(tmp_path / "mongodb") as running:
        yield running


@pytest.fixture
async def service(mongod, tmp_path):
    """API and worker, at work on a MongoDB of their own."""
    settings = {"MONGODB_URI": mongod.uri, "SHUTDOWN_GRACE_SECONDS": str(GRACE_SECONDS)}
    running = Service(tmp_path, **settings)
    await asyncio.to_thread(running.__enter__)
    async with Person.signed_up(running.url) as person:
        await person.developed(pictures.photo(100_000))
    yield running
    for process in running.processes.values():
        process.kill()
        process.wait()


async def test_processes_are_gone_soon_after_their_grace_while_mongodb_is_not_there(service, mongod):
    mongod.process.send_signal(signal.SIGSTOP)
    try:
        await asyncio.sleep(SILENT_SECONDS)  # until they wait for it in many places

        for process in service.processes.values():
            process.send_signal(signal.SIGTERM)

        for process in service.processes.values():
            await asyncio.to_thread(process.wait, IN_TIME)
    finally:
        mongod.process.send_signal(signal.SIGCONT)
