"""A stream has no holes and no repeats, whenever it begins."""

from __future__ import annotations

import asyncio

import pytest
from beanie import PydanticObjectId

from errors import EventsExpiredError
from models import originals
from models.change import ChangeKind
from models.event import Event
from models.image import Image, ImageStage, ImageState, StoredAt
from models.transactions import run
from processing import progress, upkeep
from processing.item import _advance
from processing.live import LiveFeed
from processing.progress import follow_image
from processing.queue.memory import MemoryQueue
from tests.processing.stream import announce

pytestmark = pytest.mark.mongo
SOON = 10


@pytest.fixture
async def feed(database):
    live = LiveFeed()
    await live.start()
    yield live.progress
    await live.close()


@pytest.fixture
async def image(owner_id, database):
    now = "2026-01-01T00:00:00Z"
    made = Image(
        id=PydanticObjectId(), owner_id=owner_id, filename="a", media_type="image/png", size_bytes=1, width_px=1, height_px=1,
        frame_count=1, checksum_sha256="0" * 64, storage=StoredAt(kind="memory", key="k"), created_at=now, updated_at=now,
    )  # fmt: skip

    async def write(transaction):
        await Image.add([made], transaction)
        first = Event(owner_id=owner_id, subject_id=made.id, sequence=1, stage=ImageStage.STORED)
        await Event.record([first], transaction)

    await run(write)
    return made


async def sequences(image, after, feed):
    return [moved.sequence async for moved in follow_image(image, after, feed)]


async def finish(image):
    await _advance(image, ImageStage.PROBED)
    await _advance(image, ImageStage.VARIANTS_MADE)
    await _advance(image, ImageStage.READY, state=ImageState.READY)


async def test_who_watches_from_the_start_sees_each_change_as_it_comes(image, feed):
    stream = follow_image(image, None, feed)
    seen = [(await anext(stream)).sequence]
    for stage in (ImageStage.PROBED, ImageStage.VARIANTS_MADE, ImageStage.READY):
        await _advance(image, stage)
        seen.append((await asyncio.wait_for(anext(stream), SOON)).sequence)

    assert seen == [1, 2, 3, 4]
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


@pytest.mark.parametrize("after", [0, 1, 2, 3])
async def test_streams_begun_at_any_moment_see_the_rest(image, feed, after):
    streams = [asyncio.create_task(sequences(image, after, feed)) for _ in range(5)]
    finishing = asyncio.create_task(finish(image))
    streams += [asyncio.create_task(sequences(image, after, feed)) for _ in range(5)]

    await finishing

    assert await asyncio.wait_for(asyncio.gather(*streams), SOON) == [list(range(after + 1, 5))] * 10


async def test_nothing_is_missed_while_the_change_stream_is_down(image, database):
    live = LiveFeed()
    stream = asyncio.create_task(sequences(image, 0, live.progress))
    await asyncio.sleep(0)
    await finish(image)

    await live.start()

    assert await asyncio.wait_for(stream, SOON) == [1, 2, 3, 4]
    await live.close()


@pytest.mark.parametrize("after", [None, 0])
async def test_the_stream_of_an_image_that_is_deleted_completes(image, feed, after):
    stream = follow_image(image, after, feed)
    await anext(stream)
    rest = asyncio.create_task(anext(stream, "completed"))
    await asyncio.sleep(0)

    await Event.find({"subject_id": image.id}).delete()
    await image.delete()
    await announce(image.owner_id, ChangeKind.REMOVED, image.id)

    assert await asyncio.wait_for(rest, SOON) == "completed"


async def test_an_event_that_nobody_understands_makes_nobody_deaf(image, feed):
    stream = asyncio.create_task(sequences(image, 0, feed))

    await Event.get_pymongo_collection().insert_one({"from": "a later release"})
    await finish(image)

    assert await asyncio.wait_for(stream, SOON) == [1, 2, 3, 4]
    await Event.get_pymongo_collection().delete_one({"from": "a later release"})


async def reopen(image):
    """As another original does."""

    async def write(transaction):
        facts = {"filename": "b", "storage": StoredAt(kind="memory", key=f"k{image.id}")}
        swapped = await originals.swap(image.owner_id, image.id, facts, transaction)
        await Event.reopen(image.id, transaction)
        event = Event(
            owner_id=image.owner_id,
            subject_id=image.id,
            sequence=swapped.new.sequence,
            stage=ImageStage.STORED,
        )
        await Event.record([event], transaction)
        return swapped.new

    return await run(write)


@pytest.mark.parametrize("after", [0, 3, 4])
async def test_work_that_was_opened_again_is_followed_to_its_new_end(image, feed, after):
    await finish(image)
    reopened = await reopen(image)
    stream = asyncio.create_task(sequences(reopened, after, feed))
    await asyncio.sleep(0)

    await finish(reopened)

    assert await asyncio.wait_for(stream, SOON) == list(range(after + 1, 9))


async def test_work_that_is_opened_again_before_its_end_goes_on(image, feed):
    stream = follow_image(image, None, feed)
    seen = [(await anext(stream)).sequence]
    await _advance(image, ImageStage.PROBED)

    await finish(await reopen(image))

    seen += [moved.sequence async for moved in stream]
    assert seen == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("after", [None, 4, 5])
async def test_work_that_has_ended_completes_at_once(image, feed, after):
    await finish(image)

    seen = await asyncio.wait_for(sequences(await Image.get(image.id), after, feed), SOON)

    assert seen == ([4] if after is None else [])


@pytest.mark.parametrize("gone", [[1], [1, 2], [1, 2, 3, 4]])
async def test_an_after_from_before_what_is_kept_says_so(image, feed, gone):
    await finish(image)
    await Event.find({"subject_id": image.id, "sequence": {"$in": gone}}).delete()

    with pytest.raises(EventsExpiredError):
        await asyncio.wait_for(sequences(await Image.get(image.id), 0, feed), SOON)


async def test_a_stream_ends_when_its_image_is_deleted(image, feed, monkeypatch):
    monkeypatch.setattr(progress, "LONGEST_WAIT_SECONDS", 0.05)
    stream = asyncio.create_task(sequences(image, 0, feed))
    await asyncio.sleep(0)

    await upkeep.delete(image.owner_id, image.id, MemoryQueue())

    assert await asyncio.wait_for(stream, SOON) in ([], [1])


async def test_an_image_that_is_deleted_between_two_looks_ends_its_stream(image, feed, monkeypatch):
    read_log = Event.after

    async def after_it_was_deleted(subject_id, sequence):
        await upkeep.delete(image.owner_id, image.id, MemoryQueue())
        return await read_log(subject_id, sequence)

    monkeypatch.setattr(Event, "after", after_it_was_deleted)

    assert await asyncio.wait_for(sequences(image, 0, feed), SOON) == []


async def test_who_has_gone_is_forgotten(image, feed):
    stream = follow_image(image, None, feed)
    await anext(stream)

    await stream.aclose()

    assert feed._listeners == {}


async def test_a_stage_is_never_gone_back_to(image):
    await finish(image)

    assert not await _advance(image, ImageStage.PROBED)
    assert not await _advance(image, ImageStage.FAILED)
    assert (await Image.get(image.id)).sequence == 4
