"""API and worker are killed at every named step while fifty uploads are under way: nothing acknowledged is lost."""

from __future__ import annotations

import hashlib

import pytest
from pymongo import AsyncMongoClient

from resolvers import ids
from storage.gridfs import GridFSStorage
from tests.client import Person
from tests.faults import invariants
from tests.faults.nemesis import PROCESSES, WITHIN_SECONDS, Load, Nemesis
from tests.service import Service

pytestmark = [pytest.mark.mongo, pytest.mark.timeout(2 * WITHIN_SECONDS)]

SHORT, LONG = range(1), range(1, 50)
ORIGINAL = "query ($id: ID!) { image(id: $id) { state checksumSha256 url } }"


@pytest.fixture
async def database(mongo_uri, xdist_worker):
    name = f"kills_{xdist_worker}"
    async with AsyncMongoClient(mongo_uri, tz_aware=True) as client:
        await client.drop_database(name)
        yield client[name]
        await client.drop_database(name)


@pytest.mark.parametrize("seed", [*SHORT, *(pytest.param(seed, marks=pytest.mark.long) for seed in LONG)])
async def test_killed_at_every_step_nothing_acknowledged_is_lost(mongo_uri, database, tmp_path, seed):
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": database.name}
    with Service(tmp_path, workers=0, **settings) as service:
        async with Person.signed_up(service.url) as person:
            nemesis, load = Nemesis(service, seed), Load(person, seed)
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
