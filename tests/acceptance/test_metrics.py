"""What happens to the service is counted by it."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from tests import pictures
from tests.acceptance.upkeep import until
from tests.metrics.scraping import samples
from tests.service import Service

CHANGES = "subscription { galleryChanges { kind } }"
ADDRESS = "query ($id: ID!) { image(id: $id) { url } }"


@pytest.fixture
async def http(service):
    async with aiohttp.ClientSession(service.url) as session:
        yield session


@pytest.fixture
def scrape(http):
    async def scraped():
        async with http.get("/metrics") as response:
            assert response.status == 200
            return samples(await response.text())

    return scraped


@pytest.fixture
async def since(scrape):
    """How much more there is of something than at the beginning of the test."""
    before = await scrape()

    async def more(*name):
        return (await scrape()).get(name, 0) - before.get(name, 0)

    return more


async def test_operations_are_counted_by_type_and_outcome(ann, client, since):
    await ann.data("{ viewer { id } }")
    await client.execute("{ viewer { id } }")
    await client.execute("{ viewer { ids } }")
    await client.execute("query ($id: ID!) { image(id: $id) { id } }")

    assert await since("darkroom_operations_total", "ok", "query") == 1
    assert await since("darkroom_operations_total", "errors", "query") == 1
    assert await since("darkroom_operations_total", "refused", "query") == 1
    assert await since("darkroom_operations_total", "refused", "unknown") == 1
    assert await since("darkroom_operation_errors_total", "UNAUTHENTICATED") == 1
    assert await since("darkroom_operation_errors_total", "GRAPHQL_VALIDATION_FAILED") == 1
    assert await since("darkroom_operation_errors_total", "BAD_USER_INPUT") == 1
    assert await since("darkroom_operation_duration_seconds_count", "query") == 2


async def test_what_never_becomes_an_operation_is_counted_too(http, since):
    for request in (
        {"json": {}},
        {"json": {"query": "{ viewer { id } }"}, "headers": {"Authorization": "Bearer bad"}},
    ):
        async with http.post("/graphql", **request):
            pass

    assert await since("darkroom_operations_total", "refused", "unknown") == 2
    assert await since("darkroom_operation_errors_total", "UNAUTHENTICATED") == 1


async def test_files_are_counted_and_those_that_are_refused_by_the_reason(ann, since):
    photo = pictures.photo(seed=91)

    await ann.upload(photo)
    await ann.upload(photo)
    await ann.upload(b"no picture")

    assert await since("darkroom_uploads_total", "kept") == 1
    assert await since("darkroom_uploads_total", "duplicate") == 1
    assert await since("darkroom_upload_bytes_total") == 2 * len(photo)
    assert await since("darkroom_upload_refusals_total", "UnsupportedFormatError") == 1
    assert await since("darkroom_operations_total", "ok", "mutation") == 3


async def test_deliveries_are_counted_with_the_bytes_that_go_out(ann, http, since):
    photo = pictures.photo(seed=92)
    uploaded = await ann.upload(photo)
    address = (await ann.data(ADDRESS, id=uploaded["image"]["id"]))["image"]["url"]

    for headers in ({}, {"Range": "bytes=0-9"}, {"If-None-Match": "*"}):
        async with http.get(address, headers=headers) as response:
            await response.read()
    async with http.head(address):
        pass
    async with http.get(address + "0"):
        pass

    statuses = {
        status: await since("darkroom_deliveries_total", status) for status in ("200", "206", "304", "403")
    }
    assert statuses == {"200": 2, "206": 1, "304": 1, "403": 1}
    assert await since("darkroom_delivered_bytes_total") == len(photo) + 10


async def test_sockets_and_streams_are_there_while_they_are_open(ann, since):
    async def open_now(sockets, subscriptions):
        found = await since("darkroom_sockets"), await since("darkroom_subscriptions")
        return found == (sockets, subscriptions)

    async with ann.socket() as socket:
        for name in ("1", "2"):
            await socket.send_json({"type": "subscribe", "id": name, "payload": {"query": CHANGES}})
        await until(lambda: open_now(1, 2))
    await until(lambda: open_now(0, 0))
    assert await since("darkroom_operations_total", "ok", "subscription") == 2


async def test_with_a_token_set_only_who_sends_it_may_read(mongo_uri, xdist_worker, tmp_path):
    database = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": f"metrics_{xdist_worker}"}
    guarded = Service(tmp_path, workers=0, METRICS_TOKEN="sesame", **database)
    await asyncio.to_thread(guarded.__enter__)
    try:
        async with aiohttp.ClientSession(guarded.url) as http:
            async with http.get("/metrics") as response:
                assert response.status == 401
            async with http.get("/metrics", headers={"Authorization": "Bearer sesame"}) as response:
                assert response.status == 200
        assert "sesame" not in guarded.log()
    finally:
        await asyncio.to_thread(guarded.__exit__)


async def test_the_backlog_and_the_process_are_there(scrape):
    found = await scrape()

    assert found["darkroom_work_items", "ready", "uploads"] >= 0
    assert found["darkroom_dead_letters",] >= 0
    assert found["process_start_time_seconds",] > 0
