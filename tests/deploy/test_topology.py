"""What `compose.yaml` starts, as processes: two APIs and three workers on one MongoDB, one Kafka, one S3."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from urllib.parse import urlsplit

import aiohttp
import pytest

from embedded import free_port
from tests import pictures
from tests.acceptance import batches
from tests.acceptance.upkeep import until
from tests.client import Client, Person
from tests.deploy.manifests import read
from tests.metrics.scraping import samples
from tests.service import Unaltered

pytestmark = [pytest.mark.mongo, pytest.mark.kafka]
UPLOADS = 9
SETTINGS = read("compose.yaml")["services"]["worker"]["environment"]
URL = "query ($id: ID!) { image(id: $id) { url } }"


@pytest.fixture(scope="module")
def worker_ports():
    return [free_port() for _ in range(3)]


@pytest.fixture(scope="module")
def first(mongo_uri, xdist_worker, kafka, moto, tmp_path_factory, worker_ports):
    """The one API, with the workers; as in the image, and with compose's settings but for where the others are."""
    name = f"topology_{xdist_worker}"
    service = Unaltered(tmp_path_factory.mktemp("topology"), workers=0)
    here = {
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": name,
        "PUBLIC_URL": service.url,
        "JWT_SECRET": "of the tests, and long enough for it",
        "S3_PUBLIC_ENDPOINT_URL": moto.url,
        "TRUSTED_PROXIES": "127.0.0.1",
        "FETCH_PRIVATE_ALLOWLIST": f"127.0.0.1:{service.port},127.0.0.1:{urlsplit(moto.url).port}",
        **moto.settings(),
        **kafka.settings(name),
    }
    service.environment.update({"ENVIRONMENT": "production", **SETTINGS, **here})
    with service:
        for number, port in enumerate(worker_ports):
            service.start("worker", f"worker-{number}", WORKER_METRICS_PORT=str(port))
        yield service


@pytest.fixture(scope="module")
def second(first):
    """The other API."""
    return first.serve_also("serve-2")


@pytest.fixture
async def ann(first):
    async with Person.signed_up(first.url) as person:
        yield person


@pytest.fixture
async def ann_elsewhere(ann, second):
    async with Client(second, ann.token) as client:
        yield client


async def done(port):
    """What a worker has done, by the kind of work; nothing before it answers."""
    try:
        async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}/metrics") as response:
            found = samples(await response.text())
    except aiohttp.ClientError:
        return Counter()
    name = "darkroom_work_attempts_total"
    return Counter({each[1]: count for each, count in found.items() if each[0] == name and each[2] == "done"})


async def test_what_is_uploaded_through_one_is_watched_through_the_other(ann, ann_elsewhere, worker_ports):
    uploads = [await ann.upload(pictures.photo(seed=300 + number)) for number in range(UPLOADS)]

    streams = await asyncio.gather(
        *(ann_elsewhere.progress(each["image"]["id"], after=0) for each in uploads)
    )

    for events in streams:
        assert [event["sequence"] for event in events] == [1, 2, 3, 4]
        assert events[-1]["image"]["state"] == "READY"

    async def each_was_developed_once():
        return sum([(await done(port))["develop"] for port in worker_ports]) == UPLOADS

    await until(each_was_developed_once)


async def test_a_batch_of_one_is_watched_and_read_through_the_other(ann, ann_elsewhere):
    ids = [(await ann.developed(pictures.photo(seed=310 + number)))["id"] for number in range(3)]
    urls = [(await ann.data(URL, id=each))["image"]["url"] for each in ids]
    batch = await batches.created(
        ann, *(f'{number},Lamp {number},"{url}"' for number, url in enumerate(urls, 1))
    )

    events = await ann_elsewhere.subscribe(batches.PROGRESS, id=batch["id"], after=0)

    told = [event["data"]["batchProgress"] for event in events]
    assert [each["sequence"] for each in told] == list(range(1, len(told) + 1))
    assert (told[-1]["state"], told[-1]["counts"]["succeeded"]) == ("COMPLETED", 3)
    results = await ann_elsewhere.data("query ($id: ID!) { batch(id: $id) { resultUrl } }", id=batch["id"])
    async with ann_elsewhere.http.get(results["batch"]["resultUrl"]) as response:
        assert len((await response.text()).split()) > 3


async def test_every_line_of_a_log_is_json(first, ann):
    written = "".join(first.log(name) for name in first.processes)

    assert all(json.loads(line)["event"] for line in written.splitlines())
