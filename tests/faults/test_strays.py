"""Bytes are there and the document is not: X2 of the threat list. Its other side is in test_outages.py."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import aiohttp
import pytest
from pymongo import AsyncMongoClient

from tests import pictures
from tests.acceptance.upkeep import standing, until
from tests.client import Client, Person
from tests.faults.hasty import HastyService

pytestmark = [pytest.mark.mongo, pytest.mark.timeout(300)]
PHOTO = pictures.jpeg(seed=92)


@pytest.fixture
async def database(mongo_uri, xdist_worker):
    async with AsyncMongoClient(mongo_uri, tz_aware=True) as mongo:
        name = f"strays_{xdist_worker}"
        await mongo.drop_database(name)
        yield mongo[name]
        await mongo.drop_database(name)


def started(folder, mongo_uri, database, fault):
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": database.name}
    return HastyService(folder, workers=0, FAILPOINTS=fault, **settings)


async def test_x2_bytes_of_an_upload_whose_document_surely_failed_are_gone_at_once(
    mongo_uri, database, tmp_path
):
    with started(tmp_path, mongo_uri, database, "ingest.committing:error") as service:
        async with Person.signed_up(service.url) as person:
            answer = await person.try_to_upload(PHOTO)

            assert answer["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
            assert await standing(person) == (set(), 0, (0, 0))
            assert await stored(database) == 0


async def test_x2_bytes_that_a_dead_process_left_are_collected(mongo_uri, database, tmp_path):
    with started(tmp_path, mongo_uri, database, "ingest.stored:kill") as service:
        async with Person.signed_up(service.url) as person:
            with pytest.raises(aiohttp.ClientError):
                await person.try_to_upload(PHOTO)
            assert await stored(database) == 1

            command = [sys.executable, "-m", "tests.faults.batches.reconciled"]
            found = await asyncio.to_thread(
                subprocess.run, command, env=service.environment, capture_output=True, check=False
            )

            assert found.returncode == 0, found
            assert await stored(database) == 0
            service.start("serve", FAILPOINTS="")
            async with Client(service.url, person.token) as again:
                await until(lambda: takes(again))
                assert (await standing(again))[1] == 1
    assert await stored(database) == 1


async def takes(client):
    try:
        return (await client.upload(PHOTO))["image"]
    except (aiohttp.ClientError, AssertionError):
        return None


async def stored(database):
    return await database["fs.files"].count_documents({})
