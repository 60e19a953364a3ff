"""A picture that kills its decoder fails; the service, and everybody else's pictures, go on."""

from __future__ import annotations

import asyncio

import pytest

from tests import pictures
from tests.client import Person
from tests.hostile.files.deadly_engine import deadly
from tests.hostile.oracle import says_nothing_of_the_inside, unharmed
from tests.service import Service

pytestmark = pytest.mark.mongo

VARIANT = """
query ($id: ID!) { image(id: $id) { variant(widthPx: 20) { url } } }
"""
FAILURE = "query ($id: ID!) { image(id: $id) { state failure { code message retryable } } }"
CODES = {
    "segv": "DECODE_CRASH",
    "abort": "DECODE_CRASH",
    "leave": "DECODE_CRASH",
    "hog": "IMAGE_TOO_LARGE_TO_DECODE",
    "loop": "DECODE_TIMED_OUT",
}


class DeadlyService(Service):
    """Has decoders that do to themselves what pictures ask for."""

    program = "tests.hostile.files.deadly"


@pytest.fixture(scope="module")
def service(mongo_uri, xdist_worker, tmp_path_factory):
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": f"deadly_{xdist_worker}"}
    with DeadlyService(tmp_path_factory.mktemp("deadly"), **settings) as running:
        yield running


@pytest.fixture
async def ann(service):
    """Somebody whose first picture was developed: all processes run."""
    async with Person.signed_up(service.url) as person:
        await person.developed(pictures.jpeg(100, 80, seed=99))
        yield person


async def test_i12_a_picture_that_kills_its_decoder_fails_and_no_other_does(service, ann):
    async with unharmed(service):
        bad = [ann.developed(deadly("develop", fault)) for fault in CODES]
        good = [ann.developed(pictures.jpeg(100, 80, seed=seed)) for seed in range(5)]
        ended = await asyncio.gather(*bad, *good)

    assert [image["state"] for image in ended] == ["FAILED"] * len(bad) + ["READY"] * len(good)
    failures = [(await ann.data(FAILURE, id=image["id"]))["image"]["failure"] for image in ended[: len(bad)]]
    assert [failure["code"] for failure in failures] == list(CODES.values())
    assert not any(failure["retryable"] for failure in failures)
    assert says_nothing_of_the_inside(str(failures))


async def test_i12_a_variant_that_kills_its_decoder_is_refused_and_the_next_is_made(service, ann):
    bad = [await ann.developed(deadly("render", fault)) for fault in CODES]
    good = await ann.developed(pictures.jpeg(100, 80, seed=9))

    async with unharmed(service):
        refused = await asyncio.gather(*(fetched(ann, image["id"]) for image in bad))
        made = await fetched(ann, good["id"])

    assert [status for status, _ in refused] == [422] * len(bad)
    assert all(says_nothing_of_the_inside(body.decode()) for _, body in refused)
    assert made[0] == 200


async def fetched(person, image_id):
    """The answer to a variant's address."""
    url = (await person.data(VARIANT, id=image_id))["image"]["variant"]["url"]
    async with person.http.get(url) as response:
        return response.status, await response.read()
