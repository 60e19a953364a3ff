"""MongoDB does what it is asked, and the answer is lost or late: X4 and X13 of the threat list."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from pymongo import AsyncMongoClient
from pymongo.uri_parser import parse_uri

import embedded
from tests import pictures
from tests.acceptance.upkeep import standing, until
from tests.faults import invariants
from tests.faults.hasty import HastyService
from tests.faults.wire import Wire

pytestmark = [pytest.mark.mongo, pytest.mark.timeout(300)]
TOO_LATE_SECONDS, LATE_SECONDS = 4, 0.5
WITHIN_SECONDS = 60


@pytest.fixture(scope="module")
async def wire(mongo_uri):
    async with Wire.to(parse_uri(mongo_uri)["nodelist"][0][1]) as running:
        yield running


@pytest.fixture(scope="module")
async def service(wire, xdist_worker, tmp_path_factory):
    settings = {"MONGODB_URI": embedded.uri(wire.port), "MONGODB_DATABASE": f"wire_{xdist_worker}"}
    running = HastyService(tmp_path_factory.mktemp("wire"), **settings)
    await asyncio.to_thread(running.__enter__)
    yield running
    wire.delay_seconds = 0
    await asyncio.to_thread(running.__exit__)


@pytest.mark.parametrize("lost", [1, 3])
@pytest.mark.parametrize("fields", [{}, {"idempotencyKey": "a key"}], ids=["without_a_key", "with_a_key"])
async def test_x4_an_upload_whose_commit_was_not_answered_has_one_effect(
    wire, service, ann, mongo_uri, xdist_worker, fields, lost
):
    photo = pictures.jpeg(seed=90)
    wire.lost, wire.commits_to_lose = 0, lost

    answer = await ann.try_to_upload(photo, **fields)
    wire.commits_to_lose = 0
    again = await ann.upload(photo, **fields)

    assert wire.lost
    if "errors" not in answer:
        assert answer["data"]["uploadImage"]["image"]["id"] == again["image"]["id"]
    assert await standing(ann) == ({again["image"]["id"]}, 1, (1, len(photo)))
    assert (await ann.progress(again["image"]["id"]))[-1]["stage"] == "READY"
    async with AsyncMongoClient(mongo_uri, tz_aware=True) as mongo:
        await invariants.every_log_is_without_hole(mongo[f"wire_{xdist_worker}"])


async def test_x13_while_mongodb_is_slow_readiness_says_so_and_requests_end(wire, service, ann):
    wire.delay_seconds = TOO_LATE_SECONDS
    try:
        assert await status(service, "/healthz") == 200
        assert await status(service, "/readyz") == 503
        wire.delay_seconds = LATE_SECONDS
        async with asyncio.timeout(WITHIN_SECONDS):
            answers = await asyncio.gather(*(ann.try_to_upload(pictures.jpeg(seed=n)) for n in range(5)))
        assert await status(service, "/healthz") == 200
    finally:
        wire.delay_seconds = 0

    async def is_ready():
        return await status(service, "/readyz") == 200

    await until(is_ready)
    assert all("data" in answer for answer in answers)
    assert (await ann.upload(pictures.jpeg(seed=91)))["image"]


async def status(service, path):
    async with aiohttp.ClientSession() as http, http.get(f"{service.url}{path}") as response:
        return response.status
