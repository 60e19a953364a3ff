"""Batches as they are published: every field, nobody else's, and no query for each thing of a page."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from beanie import PydanticObjectId

from auth import Viewer
from delivery.signing import Signer
from models import transactions
from models.batch import Webhook
from models.batch_problems import BatchProblems, KeptProblem
from models.values import Compression
from models.webhook_delivery import WebhookDelivery
from resolvers import ids
from resolvers.context import Context
from schema import schema
from tests import albums, catalogues
from tests.catalogues import CANCELLED, FAILED, PENDING, RUNNING, SUCCEEDED, Row

pytestmark = pytest.mark.mongo
SIGNER = Signer("s" * 32, public_url="http://shop.example", ttl_seconds=300)


def asked_by(owner_id):
    services = SimpleNamespace(signer=SIGNER, live=SimpleNamespace(reached=None))
    in_an_hour = datetime.now(UTC) + timedelta(hours=1)
    return Context(services, Viewer(str(owner_id), str(PydanticObjectId()), in_an_hour), None)


async def answer(owner_id, query, **variables):
    return await schema.execute(query, variable_values=variables, context_value=asked_by(owner_id))


async def data(owner_id, query, **variables):
    found = await answer(owner_id, query, **variables)
    assert found.errors is None, found.errors
    return found.data


@pytest.fixture
async def kept(database, owner_id):
    """A batch with an item in each state."""
    fields = {
        "compression": Compression(format="WEBP"),
        "webhook": Webhook(url="https://shop.example/", secret="s" * 24),
        "bytes_in": 2**40,
        "problem_count": 1,
    }
    rows = [Row("Lamp", [SUCCEEDED, FAILED], "A-1"), Row("Chair", [PENDING, RUNNING, CANCELLED], "A-2")]
    return await catalogues.keep(owner_id, *rows, **fields)


async def test_a_batch_shows_all_that_is_known_of_it(kept, owner_id):
    query = """query ($id: ID!) { batch(id: $id) {
      state manifestName progress etaSeconds bytesIn bytesOut problemCount finishedAt
      compression { mode value format } counts { total pending running succeeded failed cancelled }
      webhook { url deliveries { id } } items { totalCount } products { totalCount } } }"""

    assert (await data(owner_id, query, id=ids.of(kept.batch)))["batch"] == {
        "state": "RUNNING", "manifestName": "goods.csv", "progress": 0.6, "etaSeconds": None, "bytesIn": 2.0**40,
        "bytesOut": 0.0, "problemCount": 1, "finishedAt": None,
        "compression": {"mode": "QUALITY", "value": 50, "format": "WEBP"},
        "counts": {"total": 5, "pending": 1, "running": 1, "succeeded": 1, "failed": 1, "cancelled": 1},
        "webhook": {"url": "https://shop.example/", "deliveries": []},
        "items": {"totalCount": 5}, "products": {"totalCount": 2},
    }  # fmt: skip


async def test_a_product_has_its_items_and_a_place_for_each_address(kept, owner_id):
    query = """query ($id: ID!) { product(id: $id) {
      serialNumber name batch { id } inputImageUrls outputImageUrls
      items { position sourceUrl state keptOriginal bytesIn bytesOut failure { code } image { id } product { id } } } }"""
    lamp, image = kept.products[0], kept.images[0]
    lasting = SIGNER.address(f"/images/{image.id}/{image.checksum_sha256[:16]}/compressed", 0)
    urls = [item.source_url for item in kept.items[:2]]

    shown = (await data(owner_id, query, id=ids.of(lamp)))["product"]

    assert (shown["serialNumber"], shown["name"], shown["batch"]) == (
        "A-1",
        "Lamp",
        {"id": ids.of(kept.batch)},
    )
    assert (shown["inputImageUrls"], shown["outputImageUrls"]) == (urls, [lasting, None])
    mine = {"keptOriginal": False, "product": {"id": ids.of(lamp)}}
    assert shown["items"] == [
        {"position": 0, "sourceUrl": urls[0], "state": "SUCCEEDED", "bytesIn": 1_000, "bytesOut": 400, "failure": None, "image": {"id": ids.of(image)}, **mine},
        {"position": 1, "sourceUrl": urls[1], "state": "FAILED", "bytesIn": None, "bytesOut": None, "failure": {"code": "FETCH_FAILED"}, "image": None, **mine},
    ]  # fmt: skip


@pytest.mark.parametrize("state", ["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"])
async def test_items_are_narrowed_down_by_state(kept, owner_id, state):
    query = """query ($id: ID!, $state: BatchItemState) { batch(id: $id) {
      items(filter: {state: $state}) { totalCount nodes { state } edges { cursor node { id } } } } }"""

    items = (await data(owner_id, query, id=ids.of(kept.batch), state=state))["batch"]["items"]

    assert (items["totalCount"], items["nodes"]) == (1, [{"state": state}])


async def test_pages_follow_each_other(kept, owner_id):
    query = """query ($id: ID!, $after: String) { batch(id: $id) {
      items(first: 2, after: $after) { nodes { sourceUrl } pageInfo { hasNextPage endCursor } } } }"""
    seen, after = [], None
    for _ in range(3):
        page = (await data(owner_id, query, id=ids.of(kept.batch), after=after))["batch"]["items"]
        seen += [item["sourceUrl"] for item in page["nodes"]]
        after = page["pageInfo"]["endCursor"]

    assert seen == [item.source_url for item in kept.items]
    assert not page["pageInfo"]["hasNextPage"]


async def test_every_thing_is_a_node(kept, owner_id):
    wanted = [ids.of(each) for each in (kept.batch, kept.products[1], kept.items[3])]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on BatchItem { state } } }"

    assert (await data(owner_id, query, ids=wanted))["nodes"] == [
        {"__typename": "Batch", "id": wanted[0]},
        {"__typename": "Product", "id": wanted[1]},
        {"__typename": "BatchItem", "id": wanted[2], "state": "RUNNING"},
    ]


async def test_anothers_things_answer_as_unknown_ones(kept):
    stranger = PydanticObjectId()
    query = """query ($batch: ID!, $product: ID!, $all: [ID!]!) {
      batch(id: $batch) { id } product(id: $product) { id } nodes(ids: $all) { id }
      batches { totalCount nodes { id } } products(filter: {batchId: $batch}) { totalCount nodes { id } }
      gallery(filter: {batchId: $batch}) { totalCount nodes { id } } }"""
    empty = {"totalCount": 0, "nodes": []}
    nothing = {
        "batch": None,
        "product": None,
        "nodes": [None] * 3,
        "batches": empty,
        "products": empty,
        "gallery": empty,
    }
    theirs = [ids.of(each) for each in (kept.batch, kept.products[0], kept.items[0])]

    for sought in (theirs, ["garbage"] * 3):
        shown = await data(stranger, query, batch=sought[0], product=sought[1], all=sought)
        assert shown == nothing


async def test_nobody_sees_anything(database):
    fields = (
        'batch(id: "x") { id }',
        'product(id: "x") { id }',
        "batches { totalCount }",
        "products { totalCount }",
    )
    for field in fields:
        services = SimpleNamespace(live=SimpleNamespace(reached=None))
        found = await schema.execute(f"{{ {field} }}", context_value=Context(services, None, None))
        assert [type(error.original_error).__name__ for error in found.errors] == ["UnauthenticatedError"]


async def test_the_plain_gallery_does_not_list_a_batchs_images(kept, owner_id):
    query = """query ($id: ID) { all: gallery { totalCount } some: gallery(filter: {batchId: $id}) { nodes { id } } }"""

    shown = await data(owner_id, query, id=ids.of(kept.batch))

    assert shown == {"all": {"totalCount": 0}, "some": {"nodes": [{"id": ids.of(kept.images[0])}]}}


async def test_products_are_sought_across_batches(kept, owner_id):
    await catalogues.keep(owner_id, Row("Floor lamp", serial_number="B-9"), minute=5)
    query = "query ($s: String) { products(filter: {search: $s}) { totalCount nodes { name } } }"

    assert (await data(owner_id, query, s="lam"))["products"] == {
        "totalCount": 2,
        "nodes": [{"name": "Floor lamp"}, {"name": "Lamp"}],
    }
    assert (await data(owner_id, query, s="a 2"))["products"]["nodes"] == [{"name": "Chair"}]


async def test_the_log_is_read_by_polling(kept, owner_id):
    await catalogues.log(kept.batch, 5)
    query = """query ($id: ID!, $first: Int, $after: Int) { batch(id: $id) {
      events(first: $first, after: $after) { sequence state counts { total } progress item { id } } } }"""

    async def read(first=None, after=None):
        shown = await data(owner_id, query, id=ids.of(kept.batch), first=first, after=after)
        return [event["sequence"] for event in shown["batch"]["events"]]

    assert [await read(), await read(2), await read(2, 2), await read(9, 5)] == [
        [1, 2, 3, 4, 5],
        [1, 2],
        [3, 4],
        [],
    ]
    for wrong in ({"first": 0}, {"first": 1_001}, {"after": -1}):
        found = await answer(owner_id, query, id=ids.of(kept.batch), **wrong)
        assert type(found.errors[0].original_error).__name__ == "BadUserInputError"


async def test_problems_and_deliveries_are_shown(kept, owner_id):
    problem = {
        "line": 3,
        "column": None,
        "code": "W_QUOTED_LINE",
        "message": "m",
        "hint": "h",
        "severity": "WARNING",
    }
    problems = BatchProblems(id=kept.batch.id, owner_id=owner_id, problems=[KeptProblem(**problem)])
    await transactions.run(lambda transaction: BatchProblems.add(problems, transaction))
    for minute in range(60):
        tried = albums.BEGAN + timedelta(minutes=minute)
        await WebhookDelivery(owner_id=owner_id, batch_id=kept.batch.id, message_id="m", attempted_at=tried, succeeded=True, status_code=minute).insert()  # fmt: skip
    query = """query ($id: ID!) { batch(id: $id) {
      problems { line column code message hint severity }
      webhook { deliveries { id attemptedAt statusCode succeeded error } } } }"""

    batch = (await data(owner_id, query, id=ids.of(kept.batch)))["batch"]

    deliveries = batch["webhook"]["deliveries"]
    assert batch["problems"] == [problem]
    assert [delivery["statusCode"] for delivery in deliveries] == list(range(59, 9, -1))


@pytest.mark.parametrize(("given", "name"), [({}, "results.csv"), ({"format": "EXTENDED_CSV"}, "results.extended.csv"), ({"format": "JSONL"}, "results.jsonl")])  # fmt: skip
async def test_results_have_a_signed_address(kept, owner_id, given, name):
    query = "query ($id: ID!, $format: ResultFormat) { batch(id: $id) { resultUrl(format: $format) } }"

    url = (await data(owner_id, query, id=ids.of(kept.batch), **given))["batch"]["resultUrl"]

    assert url.startswith(f"http://shop.example/batches/{kept.batch.id}/{name}?expires=")


RICH = """{ batches { nodes { problems { line } webhook { deliveries { id } } } }
  products(first: 20) { nodes { batch { id } inputImageUrls outputImageUrls
    items { state image { id } product { id } } } } }"""


async def test_a_page_asks_once_for_what_all_of_it_needs(database, owner_id):
    """However many things are shown, as many commands are sent."""
    sent = []
    for count in (2, 10):
        rows = [Row(f"p{n}", [SUCCEEDED, FAILED]) for n in range(count)]
        await catalogues.keep(owner_id, *rows, problem_count=1)
        await database.command("profile", 2)
        await data(owner_id, RICH)
        await database.command("profile", 0)
        profile = database["system.profile"]
        asked = [
            entry["ns"]
            async for entry in profile.find(
                {"op": {"$in": ["query", "command"]}, "ns": {"$not": {"$regex": "profile"}}}
            )
        ]
        sent.append(Counter(asked))
        await profile.drop()

    assert sent[0] == sent[1]
