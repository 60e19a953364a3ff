"""The service while its provider is down, slow, broken off, refusing or lying: X1, X2 and X13 of the threat list."""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path

import aiohttp
import pytest

from resolvers import ids
from tests import pictures, s3
from tests.acceptance.upkeep import delete, standing, until
from tests.client import Person
from tests.faults.proxy import Proxy, only, resets_halfway, slow
from tests.service import Service
from tests.storage.faulty_s3 import breaks_off_after, refuses, says

pytestmark = pytest.mark.mongo

WITHIN_SECONDS = 20
CROWD = 20
PAIRS = 8
SLOW_DOWN = refuses(503, "SlowDown")
OTHER_SUMS = says(x_amz_checksum_crc32="AAAAAA==", x_amz_checksum_sha256="AAAAAA==")
OUTAGES = {
    "is_down": Proxy.down,
    "is_slow": lambda proxy: proxy.do(slow(30)),
    "resets_halfway": lambda proxy: proxy.do(only("PUT", resets_halfway)),
    "answers_503": lambda proxy: proxy.do(SLOW_DOWN),
    "answers_403": lambda proxy: proxy.do(refuses(403, "RequestTimeTooSkewed")),
    "lies_about_the_checksum": lambda proxy: proxy.do(only("PUT", OTHER_SUMS)),
}
SILENT = ["is_down", "is_slow", "answers_503", "answers_403"]


class Impatient(Service):
    """Waits for S3 no longer than a test does."""

    program = "tests.faults.impatient"


@pytest.fixture(scope="module")
async def proxy(moto):
    async with Proxy.before(moto.url) as running:
        yield running


@pytest.fixture(scope="module")
async def service(proxy, mongo_uri, xdist_worker, tmp_path_factory):
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": f"outages_{xdist_worker}", "STORAGE": "s3"}
    running = Impatient(tmp_path_factory.mktemp("outages"), **settings, **s3.Server(proxy.url).settings())
    await asyncio.to_thread(running.__enter__)
    async with Person.signed_up(running.url) as somebody:
        await somebody.developed(pictures.photo(100_000))  # a worker that finds no storage does not start
    yield running
    await proxy.up()
    await asyncio.to_thread(running.__exit__)


@pytest.fixture
async def ann(proxy, service):
    await proxy.up()
    async with Person.signed_up(service.url) as person:
        yield person


@pytest.fixture
def originals(moto, ann):
    """The sizes of what the provider itself has of Ann's originals."""
    prefix = f"originals/{ids.decode(ann.id, 'User')}/"

    def look():
        listed = moto.client().list_objects_v2(Bucket=s3.BUCKET, Prefix=prefix)
        return [found["Size"] for found in listed.get("Contents", [])]

    return look


async def fails_clearly(person, service, photo):
    """An upload ends in time with an id under which the log, and nobody else, says why."""
    async with asyncio.timeout(WITHIN_SECONDS):
        answer = await person.try_to_upload(photo)
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert error["extensions"]["requestId"] in service.log()
    assert not {"S3", "Traceback", "originals", "127.0.0.1"} & set(str(answer).replace("/", " ").split())


async def status(service, path):
    async with aiohttp.ClientSession() as http, http.get(f"{service.url}{path}") as response:
        return response.status, await response.text()


@pytest.mark.parametrize("outage", OUTAGES)
async def test_x1_an_upload_fails_clearly_and_the_next_one_works_while_the_provider(
    service, proxy, ann, originals, outage
):
    photo = pictures.photo(seed=70)
    await OUTAGES[outage](proxy)

    await fails_clearly(ann, service, photo)
    assert await status(service, "/healthz") == (200, "alive\n")

    await proxy.up()
    assert (await standing(ann))[0] == set()
    assert await asyncio.to_thread(originals) == []
    uploaded = await ann.upload(photo)
    assert not uploaded["duplicate"]
    assert uploaded["image"]["checksumSha256"] == hashlib.sha256(photo).hexdigest()
    assert await asyncio.to_thread(originals) == [len(photo)]


@pytest.mark.parametrize("outage", SILENT)
async def test_x13_readiness_says_so_and_the_process_stays_alive_while_the_provider(
    service, proxy, ann, outage
):
    await OUTAGES[outage](proxy)

    assert await status(service, "/readyz") == (503, "not ready: storage does not answer\n")
    assert await status(service, "/healthz") == (200, "alive\n")

    await proxy.up()
    assert await status(service, "/readyz") == (200, "ready\n")


async def test_x13_a_crowd_that_waits_for_a_slow_provider_ends_and_nothing_piles_up(service, proxy, ann):
    process = Path(f"/proc/{service.processes['serve'].pid}")
    photo = pictures.photo(seed=74)
    hardly_any_bytes = CROWD * len(photo) // 4

    def open_files():
        return len(list((process / "fd").iterdir()))

    def resident_bytes():
        return int((process / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    async def waves():
        for outage in ("is_slow", "resets_halfway"):
            await OUTAGES[outage](proxy)
            await asyncio.gather(*(fails_clearly(ann, service, photo) for _ in range(CROWD)))
            await proxy.up()

    async def closed():
        return open_files() <= files

    await waves()
    files, resident = open_files(), [resident_bytes()]
    while len(resident) == 1 or resident[-1] - resident[-2] > hardly_any_bytes:
        assert len(resident) <= PAIRS, f"it grows with every pair of waves: {resident}"
        await waves()
        resident.append(resident_bytes())

    await until(closed)
    assert not (await ann.upload(photo))["duplicate"]


async def test_x1_a_download_ends_when_the_provider_breaks_off_each_time(service, proxy, ann):
    image = await ann.developed(pictures.photo(seed=71))
    url = image["variants"][0]["url"]
    async with aiohttp.ClientSession() as http:
        async with http.get(url) as response:
            whole = await response.read()
        await proxy.do(only("GET", breaks_off_after(100)))
        with pytest.raises((aiohttp.ClientError, ConnectionError)):
            async with asyncio.timeout(WITHIN_SECONDS), http.get(url) as response:
                await response.read()
        await proxy.up()

        async with http.get(url) as response:
            assert await response.read() == whole


@pytest.mark.parametrize("outage", SILENT)
async def test_x1_a_download_is_refused_without_a_trace_while_the_provider(service, proxy, ann, outage):
    image = await ann.developed(pictures.photo(seed=72))
    await OUTAGES[outage](proxy)

    async with asyncio.timeout(WITHIN_SECONDS), ann.http.get(image["variants"][0]["url"]) as response:
        answer = response.status, response.headers.get("Retry-After"), await response.text()

    assert answer == (503, "5", "The picture cannot be fetched at the moment. Ask again.\n")


async def test_x2_what_the_provider_would_not_delete_is_deleted_later(service, proxy, ann, originals):
    image = await ann.developed(pictures.photo(seed=73))
    await proxy.do(only("DELETE", SLOW_DOWN))

    await delete(ann, image["id"], permanently=True)

    await until(lambda: asyncio.sleep(0, "DELETE" in proxy.asked))
    assert len(await asyncio.to_thread(originals)) == 1
    await proxy.up()
    await until(lambda: gone(originals))


async def gone(originals):
    return not await asyncio.to_thread(originals)
