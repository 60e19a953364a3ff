"""The one entrance for images: all or nothing."""

from __future__ import annotations

import asyncio

import pytest

import failpoints
from errors import (
    FileTooLargeError,
    OutcomeUnknownError,
    QuotaExceededError,
    StorageError,
    UnauthenticatedError,
    UnsupportedFormatError,
)
from failpoints import InjectedError
from models import transactions
from models.event import Event
from models.image import Image
from models.values import MetadataPolicy
from models.work import Work
from processing.ingest import Incoming, IngestLimits, Intake, Labels, unasked
from processing.probe import Limits
from processing.queue.mongo import MongoQueue
from processing.quota import Needless, Room, limited_to
from processing.register import DEVELOP, Register
from storage.memory import MemoryStorage
from tests import pictures

pytestmark = pytest.mark.mongo
NOTHING_SAID = Labels(None, [], MetadataPolicy.STRIP_ALL)
LIMITS = IngestLimits(max_file_size_bytes=100_000, probe=Limits(max_pixels=1_000_000, max_frames=10))


@pytest.fixture
def storage(database):
    return MemoryStorage()


@pytest.fixture
def take_in(storage, owner_id):
    async def run(content, queue=None, confirm=unasked):
        incoming = Incoming(owner_id, "a.jpg", pieces(content), NOTHING_SAID, confirm)
        return await Intake(storage, Register(queue or MongoQueue()), LIMITS, limited_to(None)).take_in(
            incoming
        )

    return run


async def pieces(content):
    for at in range(0, len(content), 1000):
        yield content[at : at + 1000]


async def test_document_event_and_work_are_written_together(take_in, storage, owner_id):
    ingested = await take_in(pictures.jpeg())

    image = await Image.of_owner(owner_id, ingested.image.id)
    assert [event.stage for event in await Event.after(image.id, 0)] == ["STORED"]
    assert [(work.kind, work.owner_id) for work in await work_of(image)] == [(DEVELOP, owner_id)]
    assert (await storage.head(image.storage.key)).size_bytes == image.size_bytes


async def test_a_failure_to_publish_leaves_nothing(take_in, storage, owner_id):
    class Broken(MongoQueue):
        async def publish(self, items, transaction=None):
            await super().publish(items, transaction)
            raise LookupError

    with pytest.raises(LookupError):
        await take_in(pictures.jpeg(), Broken())

    assert await Image.find({"owner_id": owner_id}).count() == 0
    assert await Work.find({"owner_id": owner_id}).count() == 0
    assert [stored async for stored in storage.list("")] == []


async def test_bytes_stay_when_nobody_knows_whether_their_document_does(take_in, storage, monkeypatch):
    async def unknown(work):
        raise OutcomeUnknownError

    monkeypatch.setattr(transactions, "run", unknown)

    with pytest.raises(OutcomeUnknownError):
        await take_in(pictures.jpeg())

    assert len([stored async for stored in storage.list("")]) == 1


async def test_a_file_that_is_refused_is_let_go_of_at_once(storage, owner_id):
    closed = asyncio.Event()

    async def endless():
        try:
            while True:
                yield b"text " * 500
        finally:
            closed.set()

    incoming = Incoming(owner_id, "a.jpg", endless(), NOTHING_SAID)
    with pytest.raises(UnsupportedFormatError) as refusal:
        await Intake(storage, Register(MongoQueue()), LIMITS, limited_to(None)).take_in(incoming)

    assert refusal.value.__traceback__  # holds on to every frame, as a log does
    assert closed.is_set()


async def test_a_failure_to_store_leaves_no_document(take_in, storage, owner_id, monkeypatch):
    async def full(key, parts):
        raise StorageError("full")

    monkeypatch.setattr(storage, "put", full)

    with pytest.raises(StorageError):
        await take_in(pictures.jpeg())

    assert await Image.find({"owner_id": owner_id}).count() == 0


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"text " * 500, UnsupportedFormatError), (pictures.jpeg() + b"x" * 100_000, FileTooLargeError)],
)
async def test_a_refused_file_leaves_nothing(take_in, storage, owner_id, content, error):
    with pytest.raises(error):
        await take_in(content)

    assert [stored async for stored in storage.list("")] == []
    assert await Image.find({"owner_id": owner_id}).count() == 0


async def test_a_duplicate_leaves_one_object_and_one_piece_of_work(take_in, storage):
    first = await take_in(pictures.jpeg())

    again = await take_in(pictures.jpeg())

    assert (again.duplicate, again.image.id) == (True, first.image.id)
    assert [stored.key async for stored in storage.list("")] == [first.image.storage.key]
    assert len(await work_of(first.image)) == 1


async def test_a_duplicate_of_what_may_still_be_undone_is_not_acknowledged(take_in, monkeypatch):
    committed = transactions.run

    async def unknown(work):
        await committed(work)
        raise OutcomeUnknownError

    await take_in(pictures.jpeg())
    monkeypatch.setattr(transactions, "run", unknown)

    with pytest.raises(OutcomeUnknownError):
        await take_in(pictures.jpeg())


async def test_a_sender_who_may_not_send_any_more_leaves_nothing(take_in, storage, owner_id):
    async def left():
        raise UnauthenticatedError

    with pytest.raises(UnauthenticatedError):
        await take_in(pictures.jpeg(), confirm=left)

    assert await Image.find({"owner_id": owner_id}).count() == 0
    assert [stored async for stored in storage.list("")] == []


async def test_a_duplicate_is_answered_though_its_bytes_cannot_be_deleted(take_in, storage, monkeypatch):
    async def stuck(key):
        raise StorageError("stuck")

    first = await take_in(pictures.jpeg())
    monkeypatch.setattr(storage, "delete", stuck)

    again = await take_in(pictures.jpeg())

    assert (again.duplicate, again.image.id) == (True, first.image.id)


async def test_a_refusal_is_told_though_its_bytes_cannot_be_deleted(storage, owner_id, monkeypatch):
    async def stuck(key):
        raise StorageError("stuck")

    monkeypatch.setattr(storage, "delete", stuck)
    monkeypatch.setattr(Room, "expect", Needless.expect)  # as if others had been quicker by now
    incoming = Incoming(owner_id, "a.jpg", pieces(pictures.jpeg()), NOTHING_SAID)

    with pytest.raises(QuotaExceededError):
        await Intake(storage, Register(MongoQueue()), LIMITS, limited_to(1)).take_in(incoming)


async def test_a_fault_behind_the_commit_leaves_the_image_its_bytes(take_in, storage, owner_id):
    failpoints.arm(failpoints.parsed("ingest.committed:error"))
    try:
        with pytest.raises(InjectedError):
            await take_in(pictures.jpeg())
    finally:
        failpoints.arm([])

    image = await Image.find_one({"owner_id": owner_id})
    assert [stored.key async for stored in storage.list("")] == [image.storage.key]


async def test_the_bytes_of_a_failed_image_are_taken_in_again(take_in):
    failed = (await take_in(pictures.jpeg())).image
    await failed.set({"answers_duplicates": False})

    again = await take_in(pictures.jpeg())

    assert (again.duplicate, again.image.id == failed.id) == (False, False)


async def work_of(image):
    return await Work.find({"subject_id": image.id}).to_list()
