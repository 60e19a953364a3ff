"""Where MongoDB's own log no longer reaches back, subscribers are told so, and the feed begins anew."""

from __future__ import annotations

import asyncio
import signal

import pytest
from pymongo import AsyncMongoClient

import embedded
import models
from errors import EventsExpiredError
from models import feed
from models.moment import BEGINNING
from processing.gallery_changes import TOLD_BY
from processing.live import LiveFeed
from tests.processing.stream import announce, until

pytestmark = pytest.mark.mongo
SOON = 20


@pytest.fixture
async def short_log(tmp_path, database):
    """A client of a database whose log holds a few megabytes; the documents are bound to it meanwhile."""
    port = embedded.free_port()
    options = ["--dbpath", str(tmp_path), "--port", str(port), "--bind_ip", embedded.HOST, "--quiet"]
    short = ["--replSet", "short", "--oplogSize", "1", "--syncdelay", "1", "--logpath", str(tmp_path / "log")]
    mongod = await embedded.start(
        [str(embedded.find_mongod()), *options, *short], when_parent_dies=signal.SIGKILL
    )
    try:
        await initiated(port)
        async with AsyncMongoClient(embedded.uri(port), tz_aware=True) as client:
            await models.prepare(client.history)
            yield client
            await models.prepare(database)
    finally:
        await embedded.end(mongod, SOON)


async def initiated(port):
    members = [{"_id": 0, "host": f"{embedded.HOST}:{port}"}]
    async with AsyncMongoClient(embedded.uri(port)) as client:
        await client.admin.command("replSetInitiate", {"_id": "short", "members": members})

        async def is_primary():
            return (await client.admin.command("hello"))["isWritablePrimary"]

        await until(is_primary)


async def roll_over(client):
    """Writes until the log has lost its beginning."""
    began = await first_entry(client)
    async with asyncio.timeout(60):
        while await first_entry(client) == began:
            await client.history.filler.insert_many([{"_": bytes(200_000)} for _ in range(20)])


async def first_entry(client):
    return (await client.local["oplog.rs"].find_one(sort=[("$natural", 1)]))["ts"]


async def test_a_place_that_mongodb_has_forgotten_is_expired(short_log, owner_id):
    forgotten = await feed.settled(TOLD_BY)
    await announce(owner_id)
    await roll_over(short_log)
    live = LiveFeed()
    await live.start()

    with pytest.raises(EventsExpiredError):
        await asyncio.wait_for(anext(live.gallery.follow(owner_id, forgotten)), SOON)

    await live.close()


async def test_a_feed_that_was_lost_for_too_long_says_so_and_begins_anew(short_log, owner_id, monkeypatch):
    monkeypatch.setattr(feed, "SETTLED_AFTER_SECONDS", 1)  # less than this short log holds
    live = LiveFeed()
    await live.start()
    watching = asyncio.create_task(anext(live.gallery.follow(owner_id, live.gallery.newest)))
    await live.close()
    await announce(owner_id)
    await roll_over(short_log)

    await live.start()

    async def is_told():
        await short_log.history.filler.insert_one({})
        return watching.done()

    await until(is_told)
    assert isinstance(watching.exception(), EventsExpiredError)
    assert live.reached >= live.gallery.since > BEGINNING
    image_id = await announce(owner_id)
    seen = await asyncio.wait_for(anext(live.gallery.follow(owner_id, live.gallery.since)), SOON)
    assert image_id in [change.image_id for change in seen]
    await live.close()
