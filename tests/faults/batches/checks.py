"""What must be true of batches once everything has come to rest: as their owner sees it, and in MongoDB itself."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pyvips

from processing.batches import ids as batch_ids
from resolvers import ids
from tests.client import Person
from tests.faults.batches.customer import Order
from tests.faults.batches.shop import Shop

STATES = ("pending", "running", "succeeded", "failed", "cancelled")
BATCH = """
query ($id: ID!, $after: String) { batch(id: $id) {
  state finishedAt resultUrl counts { total pending running succeeded failed cancelled }
  items(first: 50, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { position sourceUrl state failure { code retryable } image { id } }
  }
} }
"""
IMAGE = "query ($id: ID!) { image(id: $id) { state checksumSha256 url variants { name url sizeBytes } } }"


def adds_up(counts: Mapping[str, int]) -> bool:
    """Whether every item is in just one state."""
    return sum(counts[state] for state in STATES) == counts["total"] and min(counts.values()) >= 0


async def every_item_has_ended(person: Person, order: Order, shop: Shop) -> list[dict[str, Any]]:
    """Its items, each of which is what it should be."""
    batch, items = await _read(person, order)
    assert batch["finishedAt"]
    assert all(adds_up(counts) for counts in [batch["counts"], *order.answers])
    assert batch["counts"]["total"] == sum(map(len, order.rows))
    assert [item["sourceUrl"] for item in items] == [url for urls in order.rows for url in urls]
    assert [item["position"] for item in items] == [n for urls in order.rows for n in range(len(urls))]
    states = Counter(item["state"].lower() for item in items)
    assert states == +Counter({state: batch["counts"][state] for state in STATES})
    assert not states["pending"] + states["running"]
    for item in items:
        _ended_rightly(item, shop)
    await _result_file_is_right(person, batch["resultUrl"], order, items)
    return items


async def every_image_has_its_bytes(person: Person, items: list[dict[str, Any]], shop: Shop) -> None:
    """The original is what lies at the address, and what was made of it can be read."""
    wanted = {item["image"]["id"]: item["sourceUrl"] for item in items if item["state"] == "SUCCEEDED"}
    for image_id, url in wanted.items():
        image = (await person.data(IMAGE, id=image_id))["image"]
        assert image["state"] == "READY"
        assert image["checksumSha256"] == shop.checksum(url)
        assert hashlib.sha256(await _fetched(person, image["url"])).hexdigest() == shop.checksum(url)
        made = {variant["name"]: variant for variant in image["variants"]}
        assert {"compressed", "thumbnail"} <= made.keys()
        smaller = await _fetched(person, made["compressed"]["url"])
        assert len(smaller) == made["compressed"]["sizeBytes"]
        assert pyvips.Image.new_from_buffer(smaller, "", fail_on="error").avg() > 0


async def every_upload_is_there(person: Person, uploads: Mapping[str, str]) -> None:
    """With the bytes that were sent."""
    for image_id, checksum in uploads.items():
        image = (await person.data(IMAGE, id=image_id))["image"]
        assert (image["state"], image["checksumSha256"]) == ("READY", checksum)


async def every_stream_is_the_log(database: Any, order: Order) -> None:
    """What each reader was told is 1, 2, 3 …, and what was written down; each item has ended once in a round."""
    for watch in order.watches:
        assert watch.refusals == []
        assert [event["sequence"] for event in watch.events] == list(range(1, len(watch.events) + 1))
        assert all(adds_up(event["counts"]) for event in watch.events)
    assert len({len(watch.events) for watch in order.watches}) == 1
    if order.is_deleted:
        return
    batch_id = ids.decode(order.id, "Batch")
    batch = await database["batches"].find_one({"_id": batch_id})
    log = await database["batch_events"].find({"batch_id": batch_id}, sort=[("sequence", 1)]).to_list()
    assert [event["sequence"] for event in log] == list(range(1, batch["sequence"] + 1))
    for watch in order.watches:
        assert [(e["sequence"], e["state"], e["counts"]) for e in watch.events] == [
            (e["sequence"], e["state"], e["counts"]) for e in log
        ]
    assert log[-1]["is_last"]
    ended = Counter(event["item_id"] for event in log if event["item_id"])
    async for item in database["batch_items"].find({"batch_id": batch_id}):
        has_ended = item["state"] in ("SUCCEEDED", "FAILED")
        assert has_ended <= ended[item["_id"]] <= item["round"]


async def every_end_was_announced(database: Any, orders: list[Order], heard: list[tuple[str, Any]]) -> None:
    """The last end at least, always by the same name and in the same words."""
    said: dict[str, set[str]] = {}
    for message_id, body in heard:
        said.setdefault(message_id, set()).add(repr(body))
    assert all(len(words) == 1 for words in said.values())
    for order in orders:
        batch = await database["batches"].find_one({"_id": ids.decode(order.id, "Batch")})
        if batch and order.has_webhook:
            assert f"msg_{batch_ids.announcement(batch['_id'], batch['round'])}" in said


async def nothing_is_left_of_deleted_batches(database: Any, orders: list[Order]) -> None:
    """No document anywhere."""
    gone = [ids.decode(order.id, "Batch") for order in orders if order.is_deleted]
    assert await database["batches"].count_documents({"_id": {"$in": gone}}) == 0
    of_them = {"batch_id": {"$in": gone}}
    for name in ("products", "batch_items", "batch_units", "batch_events", "announcements"):
        assert (name, await database[name].count_documents(of_them)) == (name, 0)
    assert await database["images"].count_documents({"batch_ids": {"$in": gone}}) == 0
    assert await database["departed_batches"].count_documents({}) == 0


async def every_byte_is_named(database: Any, storage: Any) -> None:
    """After a reconciliation: nothing is stored but what a document names, and that is."""
    images = await database["images"].find({}).to_list()
    batches = await database["batches"].find({}).to_list()
    named = {image["storage"]["key"] for image in images} | {batch["manifest"]["key"] for batch in batches}
    named |= {variant["key"] for image in images for variant in image["variants"]}
    assert {found.key async for found in storage.list("")} == named


async def at_rest(database: Any, hasten: Any) -> None:
    """Waits until nothing is left to be done."""
    while left := await database["work"].count_documents({}):
        await hasten()
        await asyncio.sleep(1 if left else 0)


def _ended_rightly(item: dict[str, Any], shop: Shop) -> None:
    can_succeed = shop.checksum(item["sourceUrl"]) is not None
    match item["state"]:
        case "SUCCEEDED":
            assert can_succeed
            assert item["image"]
        case "FAILED":
            assert item["failure"]["retryable"] == can_succeed, item


async def _result_file_is_right(person: Person, url: str, order: Order, items: list[dict[str, Any]]) -> None:
    lines = list(csv.reader(io.StringIO((await _fetched(person, url)).decode())))[1:]
    states = iter(item["state"] for item in items)
    assert len(lines) == len(order.rows)
    for line, urls in zip(lines, order.rows, strict=True):
        slots = line[3].split(",")
        assert (line[2].split(","), len(slots)) == (urls, len(urls))
        assert [bool(slot) for slot in slots] == [next(states) == "SUCCEEDED" for _ in urls]


async def _read(person: Person, order: Order) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    pages = [page async for page in _pages(person, order.id)]
    return pages[0], [item for page in pages for item in page["items"]["nodes"]]


async def _pages(person: Person, batch_id: str) -> AsyncIterator[dict[str, Any]]:
    after = None
    while True:
        batch = (await person.data(BATCH, id=batch_id, after=after))["batch"]
        yield batch
        page = batch["items"]["pageInfo"]
        if not page["hasNextPage"]:
            return
        after = page["endCursor"]


async def _fetched(person: Person, url: str) -> bytes:
    async with person.http.get(url) as response:
        assert response.status == 200, (response.status, url)
        return await response.read()
