"""The client as programs have it, and a service of its own whose access tokens are soon over."""

from __future__ import annotations

import secrets

import pytest

from client import Darkroom
from embedded import free_port
from tests import pictures
from tests.client import PASSWORD, Person
from tests.processing.fetch.origin import Origin, ok
from tests.service import Service

TOKEN_SECONDS = 2


@pytest.fixture(scope="module")
def origin_port():
    return free_port()


@pytest.fixture(scope="module")
def service(mongo_uri, xdist_worker, tmp_path_factory, origin_port):
    settings = {
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": f"python_client_{xdist_worker}",
        "ACCESS_TOKEN_TTL_SECONDS": str(TOKEN_SECONDS),
        "FETCH_PRIVATE_ALLOWLIST": f"127.0.0.1:{origin_port}",
    }
    with Service(tmp_path_factory.mktemp("python_client"), **settings) as running:
        yield running


@pytest.fixture
async def ann(service):
    async with Person.signed_up(service.url) as person:
        yield person


@pytest.fixture
async def darkroom(service, ann):
    """Ann's."""
    async with Darkroom(service.url) as client:
        await client.sign_in(ann.email, PASSWORD)
        yield client


@pytest.fixture
def photo(tmp_path):
    """Makes a file of its own."""

    def made(seed=None):
        file = tmp_path / f"{secrets.token_hex(4)}.jpg"
        file.write_bytes(pictures.photo(seed=secrets.randbelow(10**6) if seed is None else seed))
        return file

    return made


@pytest.fixture
async def shop(origin_port):
    async with Origin().listening(port=origin_port) as server:
        server.answers = {f"/{number}.jpg": ok(pictures.photo(seed=number)) for number in range(4)}
        yield server
