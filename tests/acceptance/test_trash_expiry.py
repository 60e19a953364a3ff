"""What is deleted is gone in the end, by the clock or though a process dies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from pymongo import AsyncMongoClient

from resolvers import ids
from tests import pictures
from tests.acceptance.upkeep import IMAGE, delete, standing, status, until
from tests.client import Person
from tests.service import Service


async def test_the_trash_empties_itself(mongo_uri, xdist_worker, tmp_path):
    name = f"expiry_{xdist_worker}"
    with Service(tmp_path, workers=0, MONGODB_URI=mongo_uri, MONGODB_DATABASE=name) as service:
        async with Person.signed_up(service.url) as person, AsyncMongoClient(mongo_uri) as client:
            old, young = [(await person.upload(pictures.jpeg(seed=seed)))["image"] for seed in (41, 42)]
            for image in (old, young):
                await delete(person, image["id"])
            long_ago = {"$set": {"trashed_at": datetime.now(UTC) - timedelta(days=31)}}
            await client[name].images.update_one({"_id": ids.decode(old["id"], "Image")}, long_ago)

            service.start("worker")

            async def is_gone():
                return await status(person, old["url"]) == 404

            await until(is_gone)
            assert (await person.data(IMAGE, id=old["id"]))["image"] is None
            assert (await person.data(IMAGE, id=young["id"]))["image"]["deletedAt"]
            assert await standing(person) == (set(), 0, (0, young["sizeBytes"]))


async def test_bytes_are_deleted_though_the_service_dies_right_after_the_image(
    mongo_uri, xdist_worker, tmp_path
):
    name = f"dies_{xdist_worker}"
    faults = {"FAILPOINTS": "trash.committed:kill"}
    with Service(tmp_path, workers=0, MONGODB_URI=mongo_uri, MONGODB_DATABASE=name, **faults) as service:
        async with Person.signed_up(service.url) as person, AsyncMongoClient(mongo_uri) as client:
            image = (await person.upload(pictures.jpeg(seed=43)))["image"]
            with pytest.raises(aiohttp.ServerDisconnectedError):
                await delete(person, image["id"], permanently=True)
            assert await client[name]["fs.files"].count_documents({}) == 1

            service.start("worker")

            async def are_gone():
                return not await client[name]["fs.chunks"].count_documents({})

            await until(are_gone)
