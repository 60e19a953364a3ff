"""What must be true once everything has come to rest, read from MongoDB and storage themselves."""

from __future__ import annotations

import asyncio
import time

from resolvers import ids
from storage import keys

AT_REST_WITHIN_SECONDS = 90


async def at_rest(database):
    """Waits until no work is left."""
    end = time.monotonic() + AT_REST_WITHIN_SECONDS
    while await database["work"].count_documents({}):
        assert time.monotonic() < end, await database["work"].find({}).to_list()
        await asyncio.sleep(0.1)


async def every_document_has_its_bytes(database, storage):
    """And every object its document, or it is what a killed API could not tidy up: an original without one, staged bytes."""
    images = await database["images"].find({}).to_list()
    referred = {image["storage"]["key"] for image in images}
    referred |= {variant["key"] for image in images for variant in image["variants"]}
    stored = {found.key async for found in storage.list("")}
    assert referred <= stored
    assert [key for key in stored - referred if not key.startswith(("originals/", "staged/"))] == []


async def nothing_replaced_is_left(database):
    """Where an image has another original than its first, the first is gone, and nothing waits to be deleted."""
    names = {file["filename"] async for file in database["fs.files"].find({}, {"filename": 1})}
    async for image in database["images"].find({}):
        first = keys.original(str(image["owner_id"]), str(image["_id"]))
        assert (first in names) == (first == image["storage"]["key"])
    assert await database["leftovers"].count_documents({}) == 0


async def shares_are_what_a_recount_says(database):
    """The sums of all tallies."""
    line = {"_id": "$owner_id", "count": {"$sum": "$image_count"}, "bytes": {"$sum": "$stored_bytes"}}
    tallied = {row["_id"]: row async for row in await database["tallies"].aggregate([{"$group": line}])}
    listed = {"$sum": {"$cond": [{"$eq": ["$shelf", "GALLERY"]}, 1, 0]}}
    image = {"_id": "$owner_id", "count": listed, "bytes": {"$sum": "$size_bytes"}}
    counted = {row["_id"]: row async for row in await database["images"].aggregate([{"$group": image}])}
    assert {owner: row for owner, row in tallied.items() if row["count"] or row["bytes"]} == counted


async def every_log_is_without_hole(database):
    """Each image has counted its changes 1, 2, 3 … up to where it stands."""
    async for image in database["images"].find({}):
        log = await database["events"].find({"subject_id": image["_id"]}, sort=[("sequence", 1)]).to_list()
        assert [event["sequence"] for event in log] == list(range(1, image["sequence"] + 1))


async def nothing_forgotten_is_left(database, deleted):
    """Of an image deleted for good there is no document, no event, no byte."""
    gone = [ids.decode(image_id, "Image") for image_id in deleted]
    assert await database["images"].count_documents({"_id": {"$in": gone}}) == 0
    assert await database["events"].count_documents({"subject_id": {"$in": gone}}) == 0
    names = [file["filename"] async for file in database["fs.files"].find({}, {"filename": 1})]
    assert [name for name in names if any(str(image_id) in name for image_id in gone)] == []
