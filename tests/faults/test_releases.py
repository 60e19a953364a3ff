"""Documents of a newer release, and of an older one: X14 of the threat list. Work of an unknown kind: test_runner.py."""

from __future__ import annotations

import pytest
from bson import ObjectId
from pymongo import AsyncMongoClient

from resolvers import ids
from tests import pictures
from tests.acceptance.upkeep import delete, standing, update
from tests.client import Person
from tests.service import Service

pytestmark = [pytest.mark.mongo, pytest.mark.timeout(300)]
FROM_THE_FUTURE = {"from_the_future": {"layers": [1, 2], "mode": "HOLOGRAM"}}
UNKNOWN_ONCE = (
    "caption",
    "tags",
    "failure",
    "batch_ids",
    "metadata_policy",
    "variants",
    "placeholder",
    "details",
    "privacy",
)
GALLERY = "{ gallery { nodes { id state filename tags caption variants { name } } } viewer { id email } }"


async def test_x14_what_a_newer_release_adds_to_documents_is_passed_over_and_stays(
    mongo_uri, xdist_worker, tmp_path
):
    name = f"newer_{xdist_worker}"
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": name}
    with Service(tmp_path, workers=0, **settings) as service:
        async with (
            Person.signed_up(service.url) as person,
            AsyncMongoClient(mongo_uri, tz_aware=True) as mongo,
        ):
            database = mongo[name]
            image = (await person.upload(pictures.jpeg(seed=98)))["image"]
            unknown = ObjectId()
            work = await database["work"].find_one({})
            await database["work"].insert_one({**work, "_id": unknown, "kind": "hologram"})
            for collection in ("users", "sessions", "images", "events", "work", "tallies"):
                await database[collection].update_many({}, {"$set": FROM_THE_FUTURE})

            service.start("worker")
            events = await person.progress(image["id"])

            assert events[-1]["stage"] == "READY"
            assert (await person.data(GALLERY))["gallery"]["nodes"][0]["state"] == "READY"
            assert (await update(person, image["id"], caption="Still here"))["image"][
                "caption"
            ] == "Still here"
            kept = await database["images"].find_one({"_id": ids.decode(image["id"], "Image")})
            assert kept["from_the_future"] == FROM_THE_FUTURE["from_the_future"]
            assert await database["work"].find_one({"_id": unknown})
            await mongo.drop_database(name)


async def test_x14_images_of_an_older_release_which_knew_fewer_fields_are_shown_changed_and_deleted(
    mongo_uri, xdist_worker, tmp_path
):
    name = f"older_{xdist_worker}"
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": name}
    with Service(tmp_path, workers=0, **settings) as service:
        async with Person.signed_up(service.url) as person, AsyncMongoClient(mongo_uri) as mongo:
            image = (await person.upload(pictures.jpeg(seed=99)))["image"]
            fewer = {"$unset": dict.fromkeys(UNKNOWN_ONCE, "")}
            await mongo[name]["images"].update_many({}, fewer)

            (shown,) = (await person.data(GALLERY))["gallery"]["nodes"]
            assert (shown["id"], shown["tags"], shown["variants"]) == (image["id"], [], [])
            service.start("worker")
            assert (await person.progress(image["id"]))[-1]["stage"] == "READY"
            assert (await update(person, image["id"], tags=["old"]))["image"]["tags"] == ["old"]
            await delete(person, image["id"], permanently=True)
            assert await standing(person) == (set(), 0, (0, 0))
            await mongo.drop_database(name)
