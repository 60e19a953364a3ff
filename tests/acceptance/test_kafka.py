"""The service whose workers are woken by Kafka does what it always does; while Kafka is down, only work waits."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from tests import pictures
from tests.client import Person
from tests.kafka.broker import Broker
from tests.service import Service

pytestmark = [pytest.mark.mongo, pytest.mark.kafka]


@pytest.mark.every_queue
async def test_an_upload_becomes_ready(ann):
    uploaded = await ann.upload(pictures.photo(seed=81))

    assert (await ann.progress(uploaded["image"]["id"]))[-1]["stage"] == "READY"


async def test_x5_uploads_go_on_while_kafka_is_down_and_are_developed_once_it_is_up(tmp_path, mongo_uri):
    broker = Broker(tmp_path / "kafka")
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": "kafka_down", **broker.settings("down")}
    with Service(tmp_path, **settings) as service:
        async with Person.signed_up(service.url) as ann:
            uploaded = await ann.upload(pictures.photo(seed=82))
            assert await ready(service) == (200, "ready; work waits: kafka does not answer\n")

            await asyncio.to_thread(broker.start)
            try:
                assert (await ann.progress(uploaded["image"]["id"]))[-1]["stage"] == "READY"
                assert await ready(service) == (200, "ready\n")
            finally:
                await asyncio.to_thread(broker.stop)
    assert "Traceback" not in service.log("worker-0")


async def ready(service):
    async with aiohttp.ClientSession() as http, http.get(f"{service.url}/readyz") as response:
        return response.status, await response.text()
