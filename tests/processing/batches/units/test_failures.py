"""What goes wrong with one image is its own: typed, tried again if that may help, and kept from no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from errors import StorageError
from models.batch import Batch, BatchState
from models.batch_item import BatchItemState
from models.image import Image
from models.tally import Share, Tally
from processing.attended import Attendance
from processing.batches import trying
from processing.batches.dealing import COMPRESS
from processing.quota import limited_to
from tests import pictures
from tests.processing.batches.units.squeezing import CRASH, DAMAGED
from tests.processing.batches.units.workshop import MAX_BYTES
from tests.processing.fetch.origin import ok, redirect, status

pytestmark = pytest.mark.mongo
PHOTO = pictures.jpeg(300, 200)
TOO_LARGE = b"\xff\xd8" + b"x" * MAX_BYTES
WIDE = pictures.jpeg(1_200, 900, flat=True)


async def hang_up(writer):
    writer.transport.abort()


async def half(writer):
    writer.write(status(200, f"Content-Length: {len(PHOTO)}") + PHOTO[:500])
    await writer.drain()


LASTING = {
    "NOT_FOUND": status(404),
    "ACCESS_DENIED": status(403),
    "HTTP_ERROR": status(400),
    "FETCH_FAILED": redirect("http://unknown.test/"),
    "FILE_TOO_LARGE": ok(TOO_LARGE),
    "UNSUPPORTED_FORMAT": ok(b"<html>Not here, and not an image either.</html>"),
    "CORRUPT_IMAGE": ok(PHOTO[:500]),
    "IMAGE_TOO_LARGE": ok(WIDE),
}
TEMPORARY = {
    "HTTP_ERROR": status(503),
    "TOO_MANY_REQUESTS": status(429),
    "FETCH_FAILED": hang_up,
    "FETCH_INTERRUPTED": half,
}


async def assert_nothing_is_kept(workshop):
    assert await workshop.objects() == set()
    assert await Image.find({"owner_id": workshop.owner_id}).count() == 0
    assert await Tally.of_owner(workshop.owner_id) == Share()
    assert workshop.codec.open_slots == 0


@pytest.mark.parametrize("code", LASTING)
async def test_what_will_not_pass_ends_at_once(workshop, origin, code):
    origin.answers = {"/a.jpg": LASTING[code]}
    (work,) = await workshop.batch("/a.jpg", items_each=2)

    await workshop.worker.run(work)

    assert [(item.state, item.failure.code, item.failure.retryable) for item in await workshop.items()] == [
        (BatchItemState.FAILED, code, False)
    ] * 2
    assert await workshop.counts() == {"total": 2, "failed": 2}
    assert (await Batch.get(workshop.batch_id)).state == BatchState.FAILED
    await assert_nothing_is_kept(workshop)


@pytest.mark.parametrize("code", TEMPORARY)
async def test_what_may_pass_is_put_off(workshop, origin, code):
    origin.answers = {"/a.jpg": TEMPORARY[code]}
    (work,) = await workshop.batch("/a.jpg", items_each=2)

    await workshop.worker.run(work)

    unit = await workshop.unit(work)
    assert (unit.state, unit.ticket, unit.failure.code) == (BatchItemState.PENDING, None, code)
    assert unit.ready_at > datetime.now(UTC) - timedelta(seconds=5)
    assert await workshop.counts() == {"total": 2, "pending": 2}
    assert await workshop.events() == []
    await assert_nothing_is_kept(workshop)


@pytest.mark.parametrize("code", TEMPORARY)
async def test_the_last_of_five_tries_ends_it(workshop, origin, code):
    origin.answers = {"/a.jpg": TEMPORARY[code]}
    (work,) = await workshop.batch("/a.jpg")

    for _ in range(trying.TRIES - 1):
        await workshop.worker.run(work)
        assert (await workshop.unit(work)).state == BatchItemState.PENDING
        work = await workshop.hand_out_again(work)
    await workshop.worker.run(work)

    (item,) = await workshop.items()
    assert (item.state, item.attempt_count) == (BatchItemState.FAILED, trying.TRIES)
    assert (item.failure.code, item.failure.retryable) == (code, True)
    assert await workshop.counts() == {"total": 1, "failed": 1}


@pytest.mark.parametrize(("asked_seconds", "least"), [(120, 119), (86_400, trying.LONGEST_WAIT_SECONDS - 1)])
async def test_a_server_says_when_to_come_again_within_bounds(workshop, origin, asked_seconds, least):
    origin.answers = {"/a.jpg": status(429, f"Retry-After: {asked_seconds}", "Content-Length: 0")}
    (work,) = await workshop.batch("/a.jpg")

    await workshop.worker.run(work)

    wait = (await workshop.unit(work)).ready_at - datetime.now(UTC)
    assert least - 5 <= wait.total_seconds() <= least + 1


async def test_it_waits_longer_each_time(workshop, origin):
    origin.answers = {"/a.jpg": status(500)}
    (work,) = await workshop.batch("/a.jpg")
    waits = []

    for _ in range(4):
        began = datetime.now(UTC)
        await workshop.worker.run(work)
        waits.append(((await workshop.unit(work)).ready_at - began).total_seconds())
        work = await workshop.hand_out_again(work)

    assert all(2**n / 2 <= wait < 2**n + 1 for n, wait in enumerate(waits))


async def test_what_fails_does_not_tell_what_can_be_reached_from_here(workshop, origin):
    origin.answers = {
        f"/{n}": redirect(url)
        for n, url in enumerate(["http://unknown.test/", "http://10.0.0.1/", "http://a.test:22/"])
    }
    works = await workshop.batch(*origin.answers)

    for work in works:
        await workshop.worker.run(work)

    told = [item.failure for item in await workshop.items()]
    assert told == [told[0]] * 3


async def test_one_crash_of_the_codec_is_forgiven_the_second_is_not(workshop, origin):
    origin.answers = {"/a.jpg": ok(PHOTO)}
    (work,) = await workshop.batch("/a.jpg")
    workshop.codec.failures = [CRASH, CRASH]

    await workshop.worker.run(work)
    assert await workshop.counts() == {"total": 1, "pending": 1}
    await workshop.worker.run(await workshop.hand_out_again(work))

    assert [item.failure for item in await workshop.items()] == [CRASH]
    assert await workshop.counts() == {"total": 1, "failed": 1}
    await assert_nothing_is_kept(workshop)


async def test_a_crash_that_does_not_come_again_is_forgotten(workshop, origin):
    origin.answers = {"/a.jpg": ok(PHOTO)}
    (work,) = await workshop.batch("/a.jpg")
    workshop.codec.failures = [CRASH]

    await workshop.worker.run(work)
    await workshop.worker.run(await workshop.hand_out_again(work))

    (item,) = await workshop.items()
    assert (item.state, item.failure, item.attempt_count) == (BatchItemState.SUCCEEDED, None, 2)


async def test_a_picture_that_the_codec_refuses_fails_and_the_next_one_does_not(workshop, origin):
    origin.answers = {"/a.jpg": ok(PHOTO), "/b.jpg": ok(pictures.jpeg(seed=2))}
    bad, good = await workshop.batch("/a.jpg", "/b.jpg")
    workshop.codec.failures = [DAMAGED]

    await workshop.worker.run(bad)
    await workshop.worker.run(good)

    assert await workshop.counts() == {"total": 2, "succeeded": 1, "failed": 1}
    assert (await Batch.get(workshop.batch_id)).state == BatchState.COMPLETED_WITH_ERRORS


async def test_who_has_no_room_is_told_so_and_keeps_nothing(workshop, origin):
    workshop.quota = limited_to(len(PHOTO) - 1)
    origin.answers = {"/a.jpg": ok(PHOTO)}
    (work,) = await workshop.batch("/a.jpg")

    await workshop.worker.run(work)

    (item,) = await workshop.items()
    assert (item.state, item.failure.code, item.failure.retryable) == (
        BatchItemState.FAILED,
        "QUOTA_EXCEEDED",
        True,
    )
    assert workshop.codec.wishes == []
    await assert_nothing_is_kept(workshop)


@pytest.mark.parametrize("kept", [0, 1])
@pytest.mark.parametrize(
    ("retryable", "state"), [(True, BatchItemState.PENDING), (False, BatchItemState.FAILED)]
)
async def test_a_storage_that_fails_puts_off_or_ends(workshop, origin, monkeypatch, kept, retryable, state):
    origin.answers = {"/a.jpg": ok(PHOTO)}
    (work,) = await workshop.batch("/a.jpg")
    put, puts = workshop.storage.put, []

    async def failing(key, pieces):
        puts.append(key)
        if len(puts) > kept:
            raise StorageError("down", retryable=retryable)
        return await put(key, pieces)

    monkeypatch.setattr(workshop.storage, "put", failing)
    await workshop.worker.run(work)

    unit = await workshop.unit(work)
    assert (unit.state, unit.failure.code) == (state, "STORAGE_FAILED")
    await assert_nothing_is_kept(workshop)


async def test_c19_a_unit_whose_workers_die_ends_and_blocks_nothing(workshop, origin):
    origin.answers = {"/a.jpg": ok(PHOTO), "/b.jpg": ok(pictures.jpeg(seed=2))}
    deadly, good = await workshop.batch("/a.jpg", "/b.jpg")

    await workshop.worker.give_up(deadly)
    await workshop.worker.run(good)

    assert [item.failure and item.failure.code for item in await workshop.items()] == [
        "PROCESSING_FAILED",
        None,
    ]
    assert await workshop.counts() == {"total": 2, "succeeded": 1, "failed": 1}


async def test_whoever_logs_something_of_a_unit_names_its_batch(workshop, origin):
    origin.answers = {"/a.jpg": status(404)}
    (work,) = await workshop.batch("/a.jpg")

    with capture_logs([merge_contextvars]) as lines:
        await Attendance({COMPRESS: "unit"}).of({COMPRESS: workshop.worker})[COMPRESS].run(work)

    assert {"not fetched", "unit failed"} <= {line["event"] for line in lines}
    assert {(line["unit"], line["batch"]) for line in lines} == {
        (str(work.subject_id), str(workshop.batch_id))
    }


async def test_what_became_of_images_is_counted(workshop, origin):
    origin.answers = {"/a.jpg": ok(PHOTO), "/b.jpg": status(404), "/c.jpg": status(503)}

    for work in await workshop.batch("/a.jpg", "/b.jpg", "/c.jpg"):
        await workshop.worker.run(work)

    assert workshop.counted.batch_images == {
        ("succeeded", ""): 1,
        ("failed", "NOT_FOUND"): 1,
        ("postponed", "HTTP_ERROR"): 1,
    }
