"""What tests share: a real MongoDB for the whole run, a real service for each xdist worker."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from functools import cache

import hypothesis
import pytest
from beanie import PydanticObjectId
from hypothesis import Phase
from pymongo import AsyncMongoClient

import models
from storage.base import Storage
from tests import browser, mongod, s3
from tests import services as services_storage
from tests.client import Client, Person
from tests.kafka.broker import Broker
from tests.service import Service
from tests.services import DEFAULT_PLANS, DEFAULT_QUEUE, DEFAULT_STORAGE, QUEUES, STORAGES, Services

AS_FOUND = tuple(each for each in Phase if each not in (Phase.shrink, Phase.explain))
"""Shrinking a failure may take five minutes. It is kept: `--hypothesis-profile=long` begins with it, and shrinks it."""

hypothesis.settings.register_profile("short", max_examples=200, deadline=None, phases=AS_FOUND)
hypothesis.settings.register_profile("long", max_examples=5_000, deadline=None)
hypothesis.settings.load_profile("short")


BYTES_PER_WORKER = 2_500 * 2**20


def pytest_xdist_auto_num_workers() -> int:
    """What `-n auto` means: a worker for each processor, and room for what it starts."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(os.cpu_count() or 1, memory_bytes // BYTES_PER_WORKER))


def pytest_configure(config: pytest.Config) -> None:
    """A shell without job control lets what runs in its background ignore Ctrl-C, and so would all that is started here."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    mongod.start_for_session(config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    chosen = metafunc.definition.get_closest_marker("parametrize")
    is_chosen = chosen is not None and "storage_kind" in chosen.args[0]
    if metafunc.definition.get_closest_marker("every_storage") and not is_chosen:
        metafunc.parametrize("storage_kind", STORAGES)
    if metafunc.definition.get_closest_marker("every_queue"):
        metafunc.parametrize("queue_kind", QUEUES)


LONGEST = ("tests/faults/batches/", "tests/faults/test_replicas.py", "tests/faults/test_kills.py")
"""They come first: what is long and comes last is waited for by the workers that have nothing left."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
    for item in items:
        if "versitygw" in item.nodeid or "versitygw" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(s3.BUILT_WITHIN_SECONDS))  # it may be the one that builds it


def pytest_unconfigure(config: pytest.Config) -> None:
    mongod.stop(config)


@pytest.fixture(scope="session")
def mongo_uri() -> str:
    return os.environ[mongod.VARIABLE]


@pytest.fixture(scope="session")
def xdist_worker(request) -> str:
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


@pytest.fixture(scope="session")
async def database(mongo_uri, xdist_worker):
    """A database for tests that use documents without a service."""
    name = f"units_{xdist_worker}"
    async with AsyncMongoClient(mongo_uri, tz_aware=True) as client:
        await client.drop_database(name)
        await models.prepare(client[name])
        yield client[name]
        await client.drop_database(name)


@pytest.fixture(scope="session")
def services(mongo_uri, xdist_worker, tmp_path_factory, kafka_on_demand) -> Iterator[Services]:
    """Darkroom itself, with each storage and queue that is asked for."""
    with Services(tmp_path_factory, mongo_uri, f"service_{xdist_worker}", kafka_on_demand) as running:
        yield running


@pytest.fixture
def storage_kind() -> str:
    """Where the service keeps bytes. Tests marked `every_storage` run once with each."""
    return DEFAULT_STORAGE


@pytest.fixture
def plans() -> str:
    """What runs the service's operations. In tests/acceptance, each way does."""
    return DEFAULT_PLANS


@pytest.fixture
def queue_kind() -> str:
    """What wakes the service's workers. Tests marked `every_queue` run once with each."""
    return DEFAULT_QUEUE


@pytest.fixture
def service(services, storage_kind, plans, queue_kind) -> Service:
    """Darkroom itself: an API process and a worker process."""
    return services.of(storage_kind, plans, queue_kind)


@pytest.fixture(scope="session")
def guarded(mongo_uri, xdist_worker, tmp_path_factory) -> Iterator[Service]:
    """An API process that is asked for the worst: with clocks that keep no test waiting, and a schema that is hidden.

    Connections that the driver opened for a crowd are let go of soon after it.
    """
    settings = {
        "MONGODB_URI": f"{mongo_uri}&maxIdleTimeMS=2000",
        "MONGODB_DATABASE": f"guarded_{xdist_worker}",
        "INTROSPECTION": "false",
        "HEAD_TIMEOUT_SECONDS": "1",
        "BODY_TIMEOUT_SECONDS": "2",
        "OPERATION_TIMEOUT_SECONDS": "5",
        "MAX_STREAMS_PER_VIEWER": "20",
        "QUOTA_BYTES": "4000000",
    }
    with Service(tmp_path_factory.mktemp("guarded"), workers=0, **settings) as running:
        yield running


@pytest.fixture(scope="session")
async def mallory(guarded) -> AsyncIterator[Person]:
    """Somebody who has signed up there, and means ill, all day long."""
    async with Person.signed_up(guarded.url) as person:
        yield person


@pytest.fixture
async def stored(service, mongo_uri) -> AsyncIterator[Storage]:
    """What the service keeps bytes in."""
    async with AsyncMongoClient(mongo_uri) as client:
        storage = await services_storage.opened(service, client)
        yield storage
        await storage.close()


@pytest.fixture
async def client(service) -> AsyncIterator[Client]:
    """Nobody in particular."""
    async with Client(service.url) as anonymous:
        yield anonymous


@pytest.fixture
async def ann(service) -> AsyncIterator[Person]:
    """Somebody who has just signed up."""
    async with Person.signed_up(service.url) as person:
        yield person


@pytest.fixture
async def ben(service) -> AsyncIterator[Person]:
    """Somebody else."""
    async with Person.signed_up(service.url) as person:
        yield person


@pytest.fixture
def owner_id() -> PydanticObjectId:
    return PydanticObjectId()


@pytest.fixture(scope="session")
async def chromium():
    """A real browser."""
    async with browser.launched() as running:
        yield running


@pytest.fixture(scope="session")
def moto() -> Iterator[s3.Server]:
    """An S3 that verifies nothing, with a bucket."""
    with s3.moto() as server:
        yield server


@pytest.fixture(scope="session")
def versitygw(tmp_path_factory) -> Iterator[s3.Server]:
    """An S3 that verifies every signature, with a bucket."""
    with s3.versitygw(tmp_path_factory.mktemp("versitygw")) as server:
        yield server


@pytest.fixture(scope="session")
def kafka_on_demand(tmp_path_factory) -> Iterator[Callable[[], Broker]]:
    """Starts a real Kafka when it is first called."""
    with ExitStack() as running:
        yield cache(lambda: running.enter_context(Broker(tmp_path_factory.mktemp("kafka"))))


@pytest.fixture(scope="session")
def kafka(kafka_on_demand) -> Broker:
    """A real Kafka. Whoever uses it has topics with a prefix of its own."""
    return kafka_on_demand()
