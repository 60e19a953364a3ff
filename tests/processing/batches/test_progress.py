"""A batch's stream has no holes and no repeats, whenever it begins and however long its log is."""

from __future__ import annotations

import asyncio

import pytest

from errors import EventsExpiredError
from models import transactions
from models.batch import Batch, BatchState
from models.batch_event import BatchEvent
from models.departed_batch import DepartedBatch
from processing.batches import forgetting, progress
from processing.batches.progress import follow_batch
from processing.live import LiveFeed
from tests import catalogues
from tests.catalogues import PENDING, Row

pytestmark = pytest.mark.mongo
SOON = 20


@pytest.fixture
async def live(database):
    feed = LiveFeed()
    await feed.start()
    yield feed
    await feed.close()


@pytest.fixture
async def batch(database, owner_id):
    return (await catalogues.keep(owner_id, Row("Lamp", [PENDING]))).batch


async def sequences(batch, after, live):
    return [event.sequence async for part in follow_batch(batch, after, live.progress) for event in part]


async def stored(batch):
    return await Batch.get(batch.id)


async def test_who_watches_from_the_start_sees_each_change_as_it_comes(batch, live):
    stream = follow_batch(batch, None, live.progress)
    seen = [event.sequence for event in await anext(stream)]
    for is_last in (False, False, True):
        await catalogues.log(batch, 1, is_finished=is_last)
        seen += [event.sequence for event in await asyncio.wait_for(anext(stream), SOON)]

    assert seen == [0, 1, 2, 3]
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


@pytest.mark.parametrize("after", [0, 1, 4])
async def test_streams_begun_at_any_moment_see_the_rest(batch, live, after):
    streams = [asyncio.create_task(sequences(batch, after, live)) for _ in range(5)]
    await catalogues.log(batch, 3)
    streams += [asyncio.create_task(sequences(batch, after, live)) for _ in range(5)]

    await catalogues.log(batch, 2, is_finished=True)

    assert await asyncio.wait_for(asyncio.gather(*streams), SOON) == [list(range(after + 1, 6))] * 10


@pytest.mark.parametrize("count", [3, 4, 7])
async def test_a_long_log_is_read_in_parts(batch, live, monkeypatch, count):
    monkeypatch.setattr(progress, "EVENTS_PER_PART", 2)
    await catalogues.log(batch, count, is_finished=True)

    assert await asyncio.wait_for(sequences(batch, 0, live), SOON) == list(range(1, count + 1))


@pytest.mark.parametrize(("after", "seen"), [(None, [3]), (3, []), (99, [])])
async def test_work_that_has_ended_completes_at_once(batch, live, after, seen):
    await catalogues.log(batch, 3, is_finished=True)

    assert await asyncio.wait_for(sequences(await stored(batch), after, live), SOON) == seen


async def test_an_after_beyond_the_end_completes_when_the_work_ends(batch, live):
    stream = asyncio.create_task(sequences(batch, 1_000, live))
    await asyncio.sleep(0)

    await catalogues.log(batch, 2, is_finished=True)

    assert await asyncio.wait_for(stream, SOON) == []


@pytest.mark.parametrize("after", [0, 2, 3])
async def test_work_that_is_tried_again_is_followed_to_its_new_end(batch, live, after):
    await catalogues.log(batch, 3, is_finished=True)
    await catalogues.log(batch, 1)
    stream = asyncio.create_task(sequences(batch, after, live))
    await asyncio.sleep(0)

    await catalogues.log(batch, 2, is_finished=True)

    assert await asyncio.wait_for(stream, SOON) == list(range(after + 1, 7))


@pytest.mark.parametrize("turns", range(4))
async def test_who_leaves_at_the_moment_of_news_has_left(batch, live, turns):
    stream = asyncio.create_task(sequences(batch, 0, live))
    while not is_awaited(live, batch):  # noqa: ASYNC110 - nobody says so
        await asyncio.sleep(0)
    live.progress.wake(batch.id)
    for _ in range(turns):
        await asyncio.sleep(0)

    stream.cancel()

    await asyncio.wait({stream}, timeout=SOON)
    assert stream.cancelled()


def is_awaited(live, batch) -> bool:
    return any(news._waiters for news in live.progress._listeners.get(batch.id, ()))


@pytest.mark.parametrize("gone", [[1], [1, 2], [1, 2, 3]])
async def test_an_after_from_before_what_is_kept_says_so(batch, live, gone):
    await catalogues.log(batch, 3, is_finished=True)
    await BatchEvent.find({"batch_id": batch.id, "sequence": {"$in": gone}}).delete()

    with pytest.raises(EventsExpiredError):
        await asyncio.wait_for(sequences(await stored(batch), 0, live), SOON)
    with pytest.raises(EventsExpiredError):
        await progress.events(await stored(batch), 0, 100)
    kept = await progress.events(await stored(batch), None, 100)
    assert [event.sequence for event in kept] == [n for n in (1, 2, 3) if n not in gone]


async def test_a_stream_ends_when_its_batch_is_deleted(batch, live, monkeypatch):
    monkeypatch.setattr(progress, "LONGEST_WAIT_SECONDS", 0.05)
    stream = asyncio.create_task(sequences(batch, 0, live))
    await asyncio.sleep(0)

    await batch.delete()

    assert await asyncio.wait_for(stream, SOON) == []


async def test_who_watches_a_batch_that_is_deleted_is_woken(batch, live, monkeypatch):
    monkeypatch.setattr(progress, "LONGEST_WAIT_SECONDS", 3_600)
    stream = asyncio.create_task(sequences(batch, 0, live))
    while not is_awaited(live, batch):  # noqa: ASYNC110 - as above
        await asyncio.sleep(0)

    await transactions.run(lambda transaction: forgetting.depart(batch, transaction, with_images=False))

    assert await asyncio.wait_for(stream, SOON) == []
    await DepartedBatch.forget(batch.id)


async def test_the_present_state_is_the_batchs_own(batch, live):
    batch.state = BatchState.PAUSED
    stream = follow_batch(batch, None, live.progress)

    [state] = await anext(stream)

    assert (state.state, state.counts, state.item_id) == (BatchState.PAUSED, batch.counts, None)
    await stream.aclose()


async def test_no_gallery_hears_of_a_batch(batch, live):
    place = live.gallery.newest
    stream = asyncio.create_task(sequences(batch, 0, live))

    await catalogues.log(batch, 2, is_finished=True)

    await asyncio.wait_for(stream, SOON)
    changes = live.gallery.follow(batch.owner_id, place)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(changes), 0.3)
    await changes.aclose()
