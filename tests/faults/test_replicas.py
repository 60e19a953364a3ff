"""MongoDB changes its primary, or has none for a while, under uploads and a batch: X3 of the threat list."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import asynccontextmanager

import pytest
from pymongo import AsyncMongoClient

from tests import pictures
from tests.acceptance import batches
from tests.client import Person
from tests.faults import invariants
from tests.faults.batches.watching import Watch, insist
from tests.faults.hasty import HastyService
from tests.faults.replicas import Replicas
from tests.processing.fetch.origin import Origin, ok

WITHIN_SECONDS = 400
DATABASE = "replicas"
UPLOADERS, PICTURES = 4, 12
STATE = "query ($id: ID!) { image(id: $id) { state checksumSha256 url } }"

pytestmark = [pytest.mark.mongo, pytest.mark.timeout(WITHIN_SECONDS)]


async def steps_down(replicas, _):
    await replicas.step_down()


async def is_killed(replicas, _):
    await replicas.kill()
    await asyncio.sleep(1)
    await replicas.revive()


async def is_frozen(replicas, seconds):
    async with replicas.frozen():
        await asyncio.sleep(seconds)


async def is_missing(replicas, seconds):
    await replicas.kill(2)
    await asyncio.sleep(seconds)
    await replicas.revive()


FAULTS = [steps_down, is_killed, is_frozen, is_missing]


@pytest.fixture(scope="module")
async def replicas(tmp_path_factory):
    async with Replicas.running(tmp_path_factory.mktemp("replicas")) as running:
        yield running


@pytest.fixture(scope="module")
async def origin():
    async with Origin().listening() as server:
        server.answers = {f"/{n}.jpg": ok(pictures.jpeg(64, 48, seed=n)) for n in range(PICTURES)}
        yield server


@pytest.fixture(scope="module")
async def service(replicas, origin, tmp_path_factory):
    settings = {"MONGODB_URI": replicas.uri, "MONGODB_DATABASE": DATABASE}
    settings["FETCH_PRIVATE_ALLOWLIST"] = f"127.0.0.1:{origin.port}"
    running = HastyService(tmp_path_factory.mktemp("service"), **settings)
    await asyncio.to_thread(running.__enter__)
    async with AsyncMongoClient(replicas.uri) as mongo:
        while not await mongo[DATABASE]["worker_presences"].count_documents({}):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.1)
    yield running
    await asyncio.to_thread(running.__exit__)


@pytest.mark.parametrize(
    "seconds", [4, pytest.param(25, marks=pytest.mark.long)], ids=lambda seconds: f"{seconds}_seconds"
)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
async def test_x3_nothing_is_lost_or_done_twice_while_the_primary(replicas, service, origin, fault, seconds):
    async with (
        Person.signed_up(service.url) as person,
        AsyncMongoClient(replicas.uri, tz_aware=True) as mongo,
    ):
        kept = {}
        async with uploading(person, kept):
            watch = await submitted(person, origin)
            await fault(replicas, seconds)
            async with asyncio.timeout(WITHIN_SECONDS):
                await watch.until_the_end()
        await invariants.at_rest(mongo[DATABASE])

        assert [event["sequence"] for event in watch.events] == list(range(1, len(watch.events) + 1))
        assert watch.events[-1]["counts"]["succeeded"] == PICTURES
        assert watch.refusals == []
        for image_id, checksum in kept.items():
            assert (await person.data(STATE, id=image_id))["image"]["state"] == "READY"
            assert await fetched(person, image_id) == checksum
        assert len(set(kept.values())) == len(kept) > 0
        assert (await person.data("{ gallery { totalCount } }"))["gallery"]["totalCount"] == len(kept)
        await invariants.shares_are_what_a_recount_says(mongo[DATABASE])


async def submitted(person, origin):
    rows = [f"{n},Thing {n},{origin.url(f'/{n}.jpg', '127.0.0.1')}" for n in range(PICTURES)]
    batch = await insist(lambda: batches.create(person, batches.manifest(*rows), idempotencyKey="batch"))
    return Watch(person, batch["batch"]["id"], "socket")


@asynccontextmanager
async def uploading(person, kept):
    """Uploads under keys during the block, each repeated until it is answered; `kept` is what was acknowledged."""
    is_over = asyncio.Event()

    async def upload(who):
        number = 0
        while not is_over.is_set():
            number += 1
            content = pictures.jpeg(32, 24, seed=1_000 * (who + 1) + number, quality=95)
            key = f"upload {who} {number}"
            uploaded = await insist(lambda c=content, k=key: acknowledged(person, c, k))
            kept[uploaded["id"]] = hashlib.sha256(content).hexdigest()
            await asyncio.sleep(0.1)

    async with asyncio.TaskGroup() as tasks:
        for who in range(UPLOADERS):
            tasks.create_task(upload(who))
        try:
            yield
        finally:
            is_over.set()


async def acknowledged(person, content, key):
    return (await person.upload(content, idempotencyKey=key))["image"]


async def fetched(person, image_id):
    url = (await person.data(STATE, id=image_id))["image"]["url"]
    async with person.http.get(url) as response:
        return hashlib.sha256(await response.read()).hexdigest()
