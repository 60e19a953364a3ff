"""API and worker are killed at every named step while many uploads are under way: nothing acknowledged is lost."""

from __future__ import annotations

import hashlib

import pytest
from pymongo import AsyncMongoClient

from resolvers import ids
from storage.gridfs import GridFSStorage
from tests.client import Person
from tests.faults import invariants
from tests.faults.hasty import HastyService
from tests.faults.nemesis import PROCESSES, WITHIN_SECONDS, Load, Nemesis

pytestmark = [pytest.mark.mongo, pytest.mark.timeout(2 * WITHIN_SECONDS)]

SHORT = [pytest.param(0, 15, 3, id="short")]
LONG = [pytest.param(seed, 50, 8, id=str(seed), marks=pytest.mark.long) for seed in range(50)]
"""The seed, how many uploads are under way, and how often a step is come to at most before it is deadly."""

ORIGINAL = "query ($id: ID!) { image(id: $id) { state checksumSha256 url } }"


@pytest.fixture
async def database(mongo_uri, xdist_worker):
    name = f"kills_{xdist_worker}"
    async with AsyncMongoClient(mongo_uri, tz_aware=True) as client:
        await client.drop_database(name)
        yield client[name]
        await client.drop_database(name)


@pytest.mark.parametrize(("seed", "at_once", "latest"), SHORT + LONG)
async def test_x8_killed_at_every_step_nothing_acknowledged_is_lost(
    mongo_uri, database, tmp_path, seed, at_once, latest
):
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": database.name}
    with HastyService(tmp_path, workers=0, **settings) as service:
        async with Person.signed_up(service.url) as person:
            nemesis, load = Nemesis(service, seed, latest), Load(person, seed, at_once)
            async with nemesis.at_work():
                await load.until(lambda: nemesis.is_done)
            await invariants.at_rest(database)

            assert sorted(nemesis.struck) == sorted(step for steps in PROCESSES.values() for step in steps)
            await every_stream_was_without_hole(database, load.ledger)
            await every_acknowledged_image_is_there(person, load.ledger)
            await every_upload_became_one_image(database, load.ledger)
            await invariants.every_document_has_its_bytes(database, GridFSStorage(database))
            await invariants.nothing_replaced_is_left(database)
            await invariants.shares_are_what_a_recount_says(database)
            await invariants.every_log_is_without_hole(database)
            await invariants.nothing_forgotten_is_left(database, load.ledger.deleted)


async def every_acknowledged_image_is_there(person, ledger):
    for image_id, checksum in ledger.kept.items():
        image = (await person.data(ORIGINAL, id=image_id))["image"]
        if image_id in ledger.deleted:
            assert image is None
            continue
        assert (image["state"], image["checksumSha256"]) == ("READY", checksum)
        async with person.http.get(image["url"]) as response:
            assert hashlib.sha256(await response.read()).hexdigest() == checksum


async def every_stream_was_without_hole(database, ledger):
    for image_id, seen in ledger.streams.items():
        assert seen == list(range(1, len(seen) + 1))
        image = await database["images"].find_one({"_id": ids.decode(image_id, "Image")})
        assert image_id in ledger.deleted or len(seen) == image["sequence"]


async def every_upload_became_one_image(database, ledger):
    assert await database["images"].count_documents({}) == len(ledger.kept) - len(ledger.deleted)
