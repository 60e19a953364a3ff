"""Machines whose clocks are an hour apart: X11 of the threat list. Dates of work and of leases are MongoDB's own."""

from __future__ import annotations

import pytest
from pymongo import AsyncMongoClient

from tests import pictures
from tests.acceptance.upkeep import standing
from tests.client import Client, Person
from tests.faults import invariants
from tests.service import Service

pytestmark = [pytest.mark.mongo, pytest.mark.timeout(300)]
HOUR = 3_600


class Offset(Service):
    """On a machine whose clock is wrong."""

    program = "tests.faults.offset"


@pytest.mark.parametrize("apart", [(HOUR, -HOUR), (-HOUR, HOUR)], ids=["api_ahead", "api_behind"])
async def test_x11_uploads_are_developed_by_a_worker_whose_clock_is_two_hours_off(
    mongo_uri, xdist_worker, tmp_path, apart
):
    name = f"clocks_{xdist_worker}"
    api, worker = (str(seconds) for seconds in apart)
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": name, "CLOCK_OFFSET_SECONDS": api}
    with Offset(tmp_path, workers=0, **settings) as service:
        service.start("worker", CLOCK_OFFSET_SECONDS=worker)
        async with (
            Person.signed_up(service.url) as person,
            AsyncMongoClient(mongo_uri, tz_aware=True) as mongo,
        ):
            images = [await person.developed(pictures.jpeg(seed=seed)) for seed in (1, 2, 3)]
            again = await person.upload(pictures.jpeg(seed=1))

            assert [image["state"] for image in images] == ["READY"] * 3
            assert again["duplicate"]
            assert (await standing(person))[1] == 3
            async with person.http.get(images[0]["variants"][0]["url"]) as response:
                assert response.status == 200
            await invariants.at_rest(mongo[name])
            await invariants.every_log_is_without_hole(mongo[name])
            await mongo.drop_database(name)


async def test_x11_a_token_of_an_hour_ahead_is_none_and_one_of_an_hour_ago_is_as_old_as_it_says(
    mongo_uri, xdist_worker, tmp_path
):
    name = f"tokens_{xdist_worker}"
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": name, "JWT_SECRET": "s" * 32}
    with Offset(tmp_path, workers=0, CLOCK_OFFSET_SECONDS=str(HOUR), **settings) as ahead:
        tmp_path.joinpath("right").mkdir()
        with Service(tmp_path / "right", workers=0, **settings) as right:
            async with Person.signed_up(ahead.url) as early, Person.signed_up(right.url) as late:
                assert "UNAUTHENTICATED" in str(await seen_by(right, early))
                assert (await seen_by(ahead, late))["data"]["viewer"]["id"] == late.id
    async with AsyncMongoClient(mongo_uri) as mongo:
        await mongo.drop_database(name)


async def seen_by(service, person):
    async with Client(service.url, person.token) as client:
        return await client.execute("{ viewer { id } }")
