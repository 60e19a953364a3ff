"""Every change of a gallery is told once and in the order of commits, whatever is lost in between."""

from __future__ import annotations

import asyncio
import random
from contextlib import aclosing, asynccontextmanager

import pytest
from beanie import PydanticObjectId
from bson import Timestamp

from models import feed
from models.change import ChangeKind
from models.moment import BEGINNING, Moment
from processing.gallery_changes import CHANGES_AT_ONCE, TOLD_BY, GalleryChange, GalleryFeed
from processing.live import LiveFeed
from tests.processing.stream import announce, develop, kill_streams, until

pytestmark = pytest.mark.mongo
SOON = 20


@asynccontextmanager
async def process(**options):
    """What an API process has: a change stream, and the last changes in memory."""
    live = LiveFeed(**options)
    await live.start()
    yield live
    await live.close()


@pytest.fixture
async def live(database):
    async with process() as started:
        yield started


@pytest.fixture
async def forgetful(database):
    """A process that has nothing in memory, as after a restart, and reads everything from MongoDB's log."""
    async with process(recent_changes=0) as started:
        yield started


async def told(live, owner_id, count, after):
    """The next `count` changes."""
    changes = []
    async with asyncio.timeout(SOON), aclosing(live.gallery.follow(owner_id, after)) as stream:
        async for due in stream:
            changes += due
            if len(changes) >= count:
                break
    return changes


async def images_told(live, owner_id, count, after):
    return [change.image_id for change in await told(live, owner_id, count, after)]


async def announced(owner_id, count):
    return [await announce(owner_id) for _ in range(count)]


async def test_changes_and_stages_come_in_the_order_of_commits(live, owner_id):
    after, image_id = live.reached, PydanticObjectId()
    await develop(owner_id, image_id, 1, "STORED")
    await develop(owner_id, image_id, 2, "PROBED")
    await announce(owner_id, ChangeKind.REMOVED, image_id)
    await develop(owner_id, image_id, 3, "READY")
    await announce(owner_id, ChangeKind.ADDED, image_id)

    changes = await told(live, owner_id, 5, after)

    assert [change.kind for change in changes] == ["ADDED", "UPDATED", "REMOVED", "UPDATED", "ADDED"]
    assert {change.image_id for change in changes} == {image_id}


async def test_who_watches_now_is_told_what_comes(live, owner_id):
    await asyncio.sleep(0.1)
    watching = asyncio.create_task(told(live, owner_id, 1, live.gallery.newest))
    await asyncio.sleep(0)

    image_id = await announce(owner_id)

    assert [change.image_id for change in await watching] == [image_id]


async def test_anothers_changes_are_not_told(live, owner_id):
    after = live.reached
    await announced(PydanticObjectId(), 3)
    mine = await announced(owner_id, 1)
    await announced(PydanticObjectId(), 3)

    assert await images_told(live, owner_id, 1, after) == mine


@pytest.mark.parametrize("recent_changes", [10, 0])
async def test_what_nobody_understands_is_passed_over(live, database, owner_id, recent_changes):
    after = live.reached
    for strange in ({}, {"owner_id": owner_id, "stage": "LATER"}, {"owner_id": owner_id, "kind": "LATER"}):
        await database.events.insert_one({"subject_id": PydanticObjectId(), "sequence": 0, **strange})
        await database.changes.insert_one(strange)
    mine = await announced(owner_id, 1)

    async with process(recent_changes=recent_changes) as reader:
        assert await images_told(reader, owner_id, 1, after) == mine


async def test_a_cursor_leads_on_in_another_process_and_after_a_restart(live, forgetful, owner_id):
    after = live.reached
    images = await announced(owner_id, 6)
    seen = await told(live, owner_id, 6, after)

    for reader in (live, forgetful):
        for position, change in enumerate(seen[:-1]):
            rest = await images_told(reader, owner_id, 5 - position, change.moment)
            assert rest == images[position + 1 :]


async def test_a_process_that_remembers_nothing_still_tells_what_comes(forgetful, owner_id):
    watching = asyncio.create_task(images_told(forgetful, owner_id, 20, forgetful.reached))
    images = await announced(owner_id, 10)
    await asyncio.sleep(0.2)
    images += await announced(owner_id, 10)

    assert await watching == images


async def test_what_comes_while_the_stream_is_down_is_told(live, database, owner_id, monkeypatch):
    monkeypatch.setattr(feed, "REOPEN_AFTER_SECONDS", 0.1)
    monkeypatch.setattr(feed, "SETTLED_AFTER_SECONDS", -1)
    watching = asyncio.create_task(images_told(live, owner_id, 9, live.reached))
    images = []
    for _ in range(3):
        images += await announced(owner_id, 1)
        await until(lambda: kill_streams(database))
        images += await announced(owner_id, 2)

    assert await watching == images


async def test_a_subscriber_slower_than_memory_misses_nothing(database, owner_id):
    async with process(recent_changes=3) as live:
        images, seen = await announced(owner_id, 2), []
        async with (
            asyncio.timeout(SOON),
            aclosing(live.gallery.follow(owner_id, live.gallery.since)) as stream,
        ):
            while len(seen) < 42:
                seen += [change.image_id for change in await anext(stream)]
                if len(images) < 42:
                    images += await announced(owner_id, 10)

    assert seen == images


@pytest.mark.parametrize("recent_changes", [1_000, 0])
async def test_much_is_told_in_parts(live, owner_id, recent_changes):
    after = live.reached
    images = await announced(owner_id, CHANGES_AT_ONCE + 5)

    seen = []
    async with process(recent_changes=recent_changes) as reader:
        stream = reader.gallery.follow(owner_id, after)
        while len(seen) < len(images):
            due = await asyncio.wait_for(anext(stream), SOON)
            assert len(due) <= CHANGES_AT_ONCE
            seen += [change.image_id for change in due]

    assert seen == images


async def test_who_has_nothing_to_hear_never_falls_behind(database, owner_id, monkeypatch):
    async with process(recent_changes=3) as live:
        watching = asyncio.create_task(images_told(live, owner_id, 1, live.reached))
        (last,) = (await announced(PydanticObjectId(), 10))[-1:]

        async def has_rolled():
            return live.gallery._recent and live.gallery._recent[-1].image_id == last

        await until(has_rolled)
        monkeypatch.delattr(feed, "of_owner")  # what reads MongoDB's log

        mine = await announced(owner_id, 1)

        assert await watching == mine


async def test_eight_writers_and_a_reader_that_resumes_anywhere(live, forgetful, database, owner_id):
    first, others, seen = live.reached, [PydanticObjectId() for _ in range(3)], []
    async with process(recent_changes=20) as small, asyncio.timeout(60), asyncio.TaskGroup() as writers:
        for _ in range(8):
            writers.create_task(write_among(owner_id, others))
        while len(seen) < 8 * 25:
            reader = random.choice([live, forgetful, small])
            after = Moment.decode(seen[-1].moment.encode()) if seen else first
            seen += await some(reader, owner_id, after, random.randint(1, 15))

    commits, _ = await feed.of_owner(TOLD_BY, owner_id, first, 1_000)
    assert [change.moment for change in seen] == [insert.moment for insert in commits]
    written = await database.changes.distinct("image_id", {"owner_id": owner_id})
    assert sorted(change.image_id for change in seen) == sorted(written)


async def write_among(owner_id, others):
    for _ in range(25):
        await announce(owner_id)
        await announce(random.choice(others))


async def some(reader, owner_id, after, most):
    return (await told(reader, owner_id, 1, after))[:most]


async def test_a_place_is_safe_before_the_stream_stands(database, owner_id):
    live = LiveFeed()
    assert live.reached == BEGINNING
    await live.start()
    after = live.reached
    images = await announced(owner_id, 3)

    assert await images_told(live, owner_id, 3, after) == images
    await live.close()


async def test_the_place_moves_on_though_nothing_happens(live, database):
    first = live.reached

    async def moves():
        await database.elsewhere.insert_one({})
        return live.reached > first

    await until(moves)


async def test_who_has_gone_is_forgotten(live, owner_id):
    stream = live.gallery.follow(owner_id, live.reached)
    await announce(owner_id)
    await anext(stream)

    await stream.aclose()

    assert live.gallery._listeners == {}


async def test_what_the_stream_says_twice_is_told_once(owner_id):
    gallery = GalleryFeed()
    early, late = (
        GalleryChange(Moment.at(Timestamp(2, count)), owner_id, PydanticObjectId(), ChangeKind.ADDED)
        for count in (1, 2)
    )
    for change in (early, late, early, late):
        gallery.tell(change)

    assert await anext(gallery.follow(owner_id, BEGINNING)) == [early, late]
