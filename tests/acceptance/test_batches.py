"""A catalogue goes in as a CSV and comes out compressed, watched live."""

from __future__ import annotations

import asyncio
import csv
import io
import json

import pytest
from pymongo import AsyncMongoClient

from embedded import free_port
from resolvers import ids
from tests import pictures
from tests.acceptance import batches
from tests.acceptance.batches import BATCH, PROGRESS
from tests.acceptance.streams import TRANSPORTS, first
from tests.client import Person
from tests.processing.fetch.origin import Origin, ok, silent
from tests.service import Service

RETRY = """
mutation ($id: ID!) { retryBatch(input: {id: $id}) {
  __typename
  ... on RetryBatchPayload { retriedCount batch { id state finishedAt counts { total pending failed succeeded } } }
  ... on WrongStateError { state }
  ... on Error { message }
} }
"""
CONTROL = """
mutation ($id: ID!) { %sBatch(input: {id: $id}) {
  __typename
  ... on %sBatchPayload { batch { state counts { total pending running succeeded failed cancelled } } }
  ... on WrongStateError { state }
  ... on Error { message }
} }
"""
DELETE = """
mutation ($id: ID!) { deleteBatch(input: {id: $id}) {
  __typename ... on DeleteBatchPayload { deletedBatchId } ... on WrongStateError { state } ... on NotFoundError { id }
} }
"""
PRODUCTS = """
query ($id: ID!) { batch(id: $id) {
  csv: resultUrl jsonl: resultUrl(format: JSONL)
  products { nodes { serialNumber inputImageUrls outputImageUrls } }
  items { nodes { state failure { code } image { id variants { name sizeBytes } } } }
} }
"""


@pytest.fixture(scope="module")
def origin_port():
    return free_port()


@pytest.fixture(scope="module")
def working(mongo_uri, xdist_worker, tmp_path_factory, origin_port):
    """A service that may fetch from 127.0.0.1, but from one port alone."""
    settings = {
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": f"batches_{xdist_worker}",
        "FETCH_PRIVATE_ALLOWLIST": f"127.0.0.1:{origin_port}",
    }
    with Service(tmp_path_factory.mktemp("batches"), **settings) as running:
        yield running


@pytest.fixture
async def cleo(working):
    async with Person.signed_up(working.url) as person:
        yield person


@pytest.fixture
async def shop(origin_port):
    """Two pictures, and nothing else."""
    async with Origin().listening(port=origin_port) as server:
        server.answers = {"/a.jpg": ok(pictures.photo(seed=70)), "/b.jpg": ok(pictures.photo(seed=71))}
        yield server


def at(shop, path):
    return shop.url(path, "127.0.0.1")


async def followed(person, batch_id, after=0):
    """Every change until the work ends."""
    payloads = await person.subscribe(PROGRESS, id=batch_id, after=after)
    return [payload["data"]["batchProgress"] for payload in payloads]


async def control(person, verb, batch_id):
    """`pauseBatch` and the like: the union's member."""
    name = verb.capitalize()
    return (await person.data(CONTROL % (verb, name), id=batch_id))[f"{verb}Batch"]


async def test_every_image_is_compressed_and_told_of_live(cleo, shop):
    a, b = at(shop, "/a.jpg"), at(shop, "/b.jpg")
    batch = await batches.created(cleo, f'1,Lamp,"{a},{b}"', f"2,Chair,{a}")

    changes = await followed(cleo, batch["id"])

    assert [change["sequence"] for change in changes] == list(range(1, len(changes) + 1))
    assert all(sum(c["counts"].values()) == 2 * c["counts"]["total"] for c in changes)
    assert (changes[-1]["state"], changes[-1]["progress"]) == ("COMPLETED", 1)
    assert sorted(c["item"]["state"] for c in changes if c["item"]) == ["SUCCEEDED"] * 3
    ended = (await cleo.data(BATCH, id=batch["id"]))["batch"]
    assert ended["finishedAt"]
    assert 0 < ended["bytesOut"] < ended["bytesIn"]


async def test_the_results_lead_to_the_compressed_images(cleo, shop):
    a, gone = at(shop, "/a.jpg"), at(shop, "/gone.jpg")
    batch = await batches.created(cleo, f'A-1,Lamp,"{a},{gone},{a}"')
    await followed(cleo, batch["id"])

    shown = (await cleo.data(PRODUCTS, id=batch["id"]))["batch"]

    (product,) = shown["products"]["nodes"]
    first_url, none, last_url = product["outputImageUrls"]
    assert (none, first_url) == (None, last_url)
    async with cleo.http.get(first_url) as response:
        compressed = await response.read()
        assert (response.status, len(compressed)) == (
            200,
            shown["items"]["nodes"][0]["image"]["variants"][0]["sizeBytes"],
        )
    async with cleo.http.get(shown["csv"]) as response:
        line = list(csv.reader(io.StringIO(await response.text())))[1]
    assert line == ["A-1", "Lamp", f"{a},{gone},{a}", f"{first_url},,{last_url}"]
    async with cleo.http.get(shown["jsonl"]) as response:
        items = [json.loads(text) for text in (await response.text()).splitlines()]
    assert [item["outputUrl"] for item in items] == [first_url, None, last_url]
    assert items[1]["failure"]["code"] == shown["items"]["nodes"][1]["failure"]["code"]


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("after", [None, 0, 1])
async def test_every_transport_carries_the_same_stream(cleo, shop, transport, after):
    batch = await batches.created(cleo, f"1,Lamp,{at(shop, '/a.jpg')}")
    whole = [change["sequence"] for change in await followed(cleo, batch["id"])]

    payloads = await first(cleo, transport, 99, PROGRESS, id=batch["id"], after=after)

    seen = [payload["data"]["batchProgress"]["sequence"] for payload in payloads]
    assert seen == (whole[-1:] if after is None else whole[after:])


async def test_failed_items_are_tried_again_and_only_those(cleo, shop):
    batch = await batches.created(cleo, f'1,Lamp,"{at(shop, "/a.jpg")},{at(shop, "/late.jpg")}"')
    before = await followed(cleo, batch["id"])
    assert before[-1]["state"] == "COMPLETED_WITH_ERRORS"
    shop.answers["/late.jpg"] = ok(pictures.photo(seed=72))

    retried = (await cleo.data(RETRY, id=batch["id"]))["retryBatch"]
    after = await followed(cleo, batch["id"], after=before[-1]["sequence"])

    assert (retried["retriedCount"], retried["batch"]["finishedAt"]) == (1, None)
    assert after[0]["sequence"] == before[-1]["sequence"] + 1
    assert (after[0]["item"], after[-1]["state"]) == (None, "COMPLETED")
    assert (await cleo.data(RETRY, id=batch["id"]))["retryBatch"]["state"] == "COMPLETED"


async def test_a_paused_batch_waits_until_it_is_resumed(cleo, shop):
    urls = ",".join(at(shop, f"/slow{n}.jpg") for n in range(20))
    shop.answers = {f"/slow{n}.jpg": silent for n in range(20)}
    batch = await batches.created(cleo, f'1,Lamp,"{urls}"')

    paused = await control(cleo, "pause", batch["id"])
    again = await control(cleo, "pause", batch["id"])
    resumed = await control(cleo, "resume", batch["id"])
    cancelled = await control(cleo, "cancel", batch["id"])

    assert [each["batch"]["state"] for each in (paused, again)] == ["PAUSED"] * 2
    assert resumed["batch"]["state"] in {"QUEUED", "RUNNING"}
    assert cancelled["batch"]["state"] == "CANCELLED"
    assert cancelled["batch"]["counts"]["pending"] == 0
    assert sum(cancelled["batch"]["counts"].values()) == 2 * 20
    assert (await control(cleo, "resume", batch["id"]))["state"] == "CANCELLED"


async def test_a_batch_is_deleted_once_it_is_finished(cleo, shop):
    batch = await batches.created(cleo, f"1,Lamp,{at(shop, '/a.jpg')}")
    await followed(cleo, batch["id"])

    deleted = (await cleo.data(DELETE, id=batch["id"]))["deleteBatch"]

    assert deleted == {"__typename": "DeleteBatchPayload", "deletedBatchId": batch["id"]}
    assert (await cleo.data(BATCH, id=batch["id"]))["batch"] is None
    assert (await cleo.data("{ products { totalCount } }"))["products"] == {"totalCount": 0}
    assert (await cleo.data(DELETE, id=batch["id"]))["deleteBatch"]["id"] == batch["id"]


async def test_what_belonged_to_a_deleted_batch_goes_in_the_background(cleo, shop, mongo_uri, working):
    batch = await batches.created(cleo, f"1,Lamp,{at(shop, '/a.jpg')}")
    await followed(cleo, batch["id"])

    await cleo.data(DELETE, id=batch["id"])

    batch_id = ids.decode(batch["id"], "Batch")
    async with AsyncMongoClient(mongo_uri) as mongo, asyncio.timeout(30):
        database = mongo[working.environment["MONGODB_DATABASE"]]
        while await database["departed_batches"].count_documents({"_id": batch_id}):  # noqa: ASYNC110 - a worker does it
            await asyncio.sleep(0.1)
        assert await database["batch_items"].count_documents({"batch_id": batch_id}) == 0


@pytest.mark.parametrize("after", [None, 0])
async def test_a_batch_that_is_not_yours_is_not_found(cleo, working, after):
    async with Person.signed_up(working.url) as dora:
        theirs = (await batches.created(dora, "1,Lamp,http://127.0.0.1:9/a.jpg"))["id"]
        for batch_id in (theirs, "garbage", "", cleo.id):
            (answer,) = await cleo.subscribe(PROGRESS, id=batch_id, after=after)
            assert [error["extensions"]["code"] for error in answer["errors"]] == ["NOT_FOUND"]
            for verb in ("pause", "resume", "cancel"):
                assert (await control(cleo, verb, batch_id))["__typename"] == "NotFoundError"
            assert (await cleo.data(RETRY, id=batch_id))["retryBatch"]["__typename"] == "NotFoundError"
            assert (await cleo.data(DELETE, id=batch_id))["deleteBatch"]["__typename"] == "NotFoundError"


async def test_a_negative_after_is_refused(cleo):
    batch = await batches.created(cleo, "1,Lamp,http://127.0.0.1:9/a.jpg")

    (answer,) = await cleo.subscribe(PROGRESS, id=batch["id"], after=-1)

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_many_watchers_of_one_batch_see_the_same(cleo, shop):
    batch = await batches.created(cleo, f"1,Lamp,{at(shop, '/a.jpg')}", f"2,Chair,{at(shop, '/b.jpg')}")

    streams = await asyncio.gather(*(followed(cleo, batch["id"]) for _ in range(10)))

    told = [[(change["sequence"], change["state"]) for change in stream] for stream in streams]
    assert told == [told[0]] * 10


async def test_a_full_quota_begins_no_batch(mongo_uri, xdist_worker, tmp_path):
    picture = pictures.jpeg()
    settings = {
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": f"full_{xdist_worker}",
        "QUOTA_BYTES": str(len(picture)),
    }
    with Service(tmp_path, workers=0, **settings) as service:
        async with Person.signed_up(service.url) as person:
            await person.upload(picture)
            refusal = await batches.create(person, batches.manifest("1,Lamp,http://127.0.0.1:9/a.jpg"))

    assert refusal["__typename"] == "QuotaExceededError"


async def test_a_manifest_may_be_larger_than_a_picture_but_not_than_is_set(mongo_uri, xdist_worker, tmp_path):
    settings = {"MAX_FILE_SIZE_BYTES": "500", "MAX_MANIFEST_BYTES": "2000", "MAX_MANIFEST_IMAGES": "20"}
    database = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": f"small_{xdist_worker}"}
    with Service(tmp_path, workers=0, **database, **settings) as service:
        async with Person.signed_up(service.url) as person:
            rows = [f"{n},Lamp,http://127.0.0.1:9/{n}.jpg".ljust(50, "x") for n in range(30)]
            taken = await batches.create(person, batches.manifest(*rows[:20]))
            many = await batches.create(person, batches.manifest(*rows))
            large = await batches.create(person, batches.manifest(*rows, *rows))
            checked = await batches.check(person, batches.manifest(*rows, *rows))

    assert taken["__typename"] == "CreateBatchPayload"
    assert {problem["code"] for problem in many["problems"]} == {"TOO_MANY_ROWS"}
    assert (large["__typename"], large["limitBytes"]) == ("FileTooLargeError", 2_000)
    assert checked["__typename"] == "FileTooLargeError"
