"""A process that is told to stop is gone soon after its grace: X9 of the threat list. Also while MongoDB is silent."""

from __future__ import annotations

import asyncio
import signal

import aiohttp
import pytest
from pymongo import AsyncMongoClient

import embedded
from stopping import RESERVE_SECONDS
from tests import pictures
from tests.acceptance import batches
from tests.acceptance.upkeep import standing, until
from tests.client import Client, Person
from tests.processing.fetch.origin import Origin
from tests.service import Service

pytestmark = [pytest.mark.mongo, pytest.mark.timeout(300)]
GRACE_SECONDS = 1
SILENT_SECONDS = 4
BUSY_SECONDS = 5
"""A busy machine has its own idea of seconds."""

IN_TIME = GRACE_SECONDS + RESERVE_SECONDS + BUSY_SECONDS
CROWD = 20
DRAINING_SECONDS, INTO_THE_GRACE_SECONDS = 6, 1
GONE_IN_TIME = DRAINING_SECONDS + RESERVE_SECONDS + BUSY_SECONDS


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


async def test_x9_processes_are_gone_soon_after_their_grace_while_mongodb_is_not_there(service, mongod):
    mongod.process.send_signal(signal.SIGSTOP)
    try:
        await asyncio.sleep(SILENT_SECONDS)  # until they wait for it in many places

        for process in service.processes.values():
            process.send_signal(signal.SIGTERM)

        for process in service.processes.values():
            await asyncio.to_thread(process.wait, IN_TIME)
    finally:
        mongod.process.send_signal(signal.SIGCONT)


@pytest.fixture
async def draining(mongo_uri, xdist_worker, tmp_path):
    """API, no worker, and somebody; a second life of it has the same database."""
    name = f"draining_{xdist_worker}"
    settings = {"MONGODB_URI": mongo_uri, "SHUTDOWN_GRACE_SECONDS": str(DRAINING_SECONDS)}
    running = Service(tmp_path, workers=0, MONGODB_DATABASE=name, **settings)
    await asyncio.to_thread(running.__enter__)
    async with AsyncMongoClient(mongo_uri, tz_aware=True) as mongo:
        yield running, mongo[name]
        await asyncio.to_thread(running.__exit__)
        await mongo.drop_database(name)


async def test_x9_uploads_end_in_one_of_two_ways_and_sockets_are_told_when_the_api_stops(draining):
    service, database = draining
    async with Person.signed_up(service.url) as person, Client(service.url, person.token) as listener:
        goes_on, have_begun, listening = asyncio.Event(), asyncio.Barrier(CROWD + 1), []
        uploads = [asyncio.create_task(upload(person, n, have_begun, goes_on)) for n in range(CROWD)]
        sockets = [asyncio.create_task(closed_with(listener, listening)) for _ in range(CROWD)]
        await have_begun.wait()
        await until(lambda: asyncio.sleep(0, len(listening) == CROWD))

        service.processes["serve"].terminate()
        codes = await asyncio.gather(*sockets)
        await asyncio.sleep(INTO_THE_GRACE_SECONDS)
        goes_on.set()
        ends = await asyncio.gather(*uploads)
        status = await asyncio.to_thread(service.processes["serve"].wait, GONE_IN_TIME)

        assert codes == [1001] * CROWD
        assert status in (0, -signal.SIGTERM)
        service.start("serve")
        await asyncio.to_thread(service._wait_until_ready, "serve", service.url)
        async with Client(service.url, person.token) as again:
            acknowledged = {image_id for image_id in ends if image_id}
            ids, count, _ = await standing(again)
        assert acknowledged
        assert acknowledged <= ids
        assert await database["fs.files"].count_documents({}) == count
    assert [path.name for path in service._folder.iterdir() if path.suffix != ".log"] in ([], ["jwt_secret"])


async def test_x9_a_worker_that_stops_hands_back_what_it_has_in_hand(draining):
    service, database = draining
    async with Origin().listening() as origin, Person.signed_up(service.url) as person:
        origin.answers = dict.fromkeys((f"/{n}.jpg" for n in range(CROWD)), silence)
        rows = [f"{n},Thing {n},{origin.url(f'/{n}.jpg', '127.0.0.1')}" for n in range(CROWD)]
        service.start("worker", FETCH_PRIVATE_ALLOWLIST=f"127.0.0.1:{origin.port}")
        await batches.create(person, batches.manifest(*rows))
        await until(lambda: asyncio.sleep(0, origin.at_once))

        service.processes["worker"].terminate()
        status = await asyncio.to_thread(service.processes["worker"].wait, GONE_IN_TIME)

        assert status == 0
        assert await database["work"].count_documents({}) > 0
        assert await database["work"].count_documents({"lease": {"$ne": None}}) == 0


async def silence(_):
    """An origin that never answers."""
    await asyncio.Event().wait()


async def upload(person, number, have_begun, goes_on):
    """The id, or None if the service would not; half of them never come to their end."""
    content = pictures.jpeg(64, 48, seed=number)

    async def halves():
        yield content[:1_000]
        await have_begun.wait()
        await goes_on.wait()
        if number % 2:
            await asyncio.Event().wait()
        yield content[1_000:]

    try:
        answer = await person.try_to_upload(halves(), f"{number}.jpg")
    except (aiohttp.ClientError, ConnectionError, asyncio.CancelledError):
        return None
    assert ("errors" in answer) != bool(answer["data"] and answer["data"]["uploadImage"])
    return None if "errors" in answer else answer["data"]["uploadImage"]["image"]["id"]


async def closed_with(listener, listening):
    """The code with which a socket is closed that watches a gallery."""
    async with listener.socket() as socket:
        payload = {"query": "subscription { galleryChanges { kind } }"}
        await socket.send_json({"type": "subscribe", "id": "1", "payload": payload})
        listening.append(socket)
        await socket.receive(timeout=60)
        return socket.close_code
