"""A service that may fetch from one port of this machine, and a shop behind it."""

from __future__ import annotations

import pytest

from embedded import free_port
from tests import pictures
from tests.client import Person
from tests.processing.fetch.origin import Origin
from tests.service import Service


@pytest.fixture(scope="module")
def origin_port():
    return free_port()


@pytest.fixture(scope="module")
def service(mongo_uri, xdist_worker, tmp_path_factory, origin_port):
    settings = {
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": f"csv_{xdist_worker}",
        "FETCH_PRIVATE_ALLOWLIST": f"127.0.0.1:{origin_port}",
        "MAX_MANIFEST_BYTES": "100000000",
    }
    with Service(tmp_path_factory.mktemp("csv"), **settings) as running:
        yield running


@pytest.fixture
async def ann(service):
    """Somebody whose first picture was developed: all processes run."""
    async with Person.signed_up(service.url) as person:
        await person.developed(pictures.jpeg(seed=95))
        yield person


@pytest.fixture
async def shop(origin_port):
    async with Origin().listening(port=origin_port) as server:
        yield server
