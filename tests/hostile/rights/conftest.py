"""One service with two furnished people for all of the package."""

from __future__ import annotations

import pytest
from pymongo import AsyncMongoClient

from embedded import free_port
from tests.client import Client, Person
from tests.hostile.rights import ground as grounds
from tests.hostile.rights.ground import Ground, Owner
from tests.processing.fetch.origin import Origin
from tests.service import Service


@pytest.fixture(scope="session")
async def ground(mongo_uri, xdist_worker, tmp_path_factory):
    port = free_port()
    settings = {
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": f"rights_{xdist_worker}",
        "FETCH_PRIVATE_ALLOWLIST": f"127.0.0.1:{port}",
    }
    with Service(tmp_path_factory.mktemp("rights"), **settings) as service:
        async with (
            Origin().listening(port=port) as origin,
            Person.signed_up(service.url) as ann,
            Person.signed_up(service.url) as ben,
            AsyncMongoClient(mongo_uri, tz_aware=True) as mongo,
        ):
            grounds.answers(origin)
            kept = grounds.kept_by(service, mongo)
            owners = [await Owner(person).furnish(origin) for person in (ann, ben)]
            ground = Ground(service, kept, origin, *owners)
            await ground.settled()
            yield ground


@pytest.fixture
def ann(ground):
    return ground.ann


@pytest.fixture
def ben(ground):
    return ground.ben


@pytest.fixture
async def nobody(ground):
    async with Client(ground.service.url) as client:
        yield client
