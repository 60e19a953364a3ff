"""Staged uploads end in one image or in nothing, whatever comes in late, and are swept by the clock."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from beanie import PydanticObjectId

import failpoints
from errors import ObjectNotFoundError, StorageError, UnauthenticatedError, UnsupportedFormatError
from models.image import Image
from models.leftover import Leftover
from models.staged_upload import StagedUpload
from models.values import MetadataPolicy
from models.work import Topic
from processing import purge, staging
from processing.idempotency import IdempotencyKeys, Kept, KeyedInput
from processing.ingest import Intake, Labels, unasked
from processing.inspection import Declared
from processing.leftovers import DeleteLeftover
from processing.purge import PurgeAccount
from processing.queue.memory import MemoryQueue
from processing.quota import limited_to
from processing.register import Register
from processing.staging import SWEPT_AFTER, TTL, Announced, Staging
from storage.adapters import Storages
from storage.memory import MemoryStorage
from tests import pictures
from tests.processing.taking_in import LIMITS

pytestmark = pytest.mark.mongo
PHOTO = pictures.jpeg(seed=80)
SIZE = len(PHOTO)
NOTHING_SAID = Labels(None, [], MetadataPolicy.STRIP_ALL)


async def pieces(*parts):
    for part in parts:
        yield part


class Another(MemoryStorage):
    kind = "another"


@pytest.fixture
async def storage(database):
    await StagedUpload.get_pymongo_collection().delete_many({})
    return MemoryStorage()


@pytest.fixture(autouse=True)
def disarmed():
    yield
    failpoints.arm([])


def staging_in(*storages):
    current, *others = storages
    intake = Intake(current, Register(MemoryQueue()), LIMITS, limited_to(None))
    return Staging(Storages(current, {other.kind: lambda o=other: o for other in others}), intake)


@pytest.fixture
def ours(storage):
    return staging_in(storage)


@pytest.fixture
def open_stage(ours, owner_id):
    async def open_(size_bytes=SIZE):
        stage = await ours.planned(owner_id, Announced("a.jpg", "image/jpeg", Declared(size_bytes, None)))
        return await stage.insert()

    return open_


async def complete(ours, stage, confirm=unasked):
    """As the resolver does."""
    keyed = KeyedInput(stage.owner_id, "completeStagedUpload", str(stage.id), {})
    async with IdempotencyKeys().held(keyed) as held:
        if isinstance(held, Kept):
            return Image.model_validate(held.answer["image"])
        return (await ours.complete(stage, NOTHING_SAID, confirm, held)).image


async def keys_of(storage):
    return [stored.key async for stored in storage.list("")]


async def move(stage, *, expired_since):
    """As if its time had been over for so long."""
    await stage.set({"expires_at": datetime.now(UTC) - expired_since})


async def sweep_and_delete(*storages):
    queue, others = MemoryQueue(), await Leftover.count()
    await staging.sweep(queue)
    deleting = DeleteLeftover(Storages(storages[0], {s.kind: lambda s=s: s for s in storages}))
    while await Leftover.count() > others:
        (leased,) = await asyncio.wait_for(queue.consume(Topic.UPLOADS, 1), 5)
        await deleting.run(leased.item)


# ------------------------------------------------------------------ completing


async def test_the_stage_ends_in_the_transaction_that_keeps_the_image(ours, storage, open_stage):
    stage = await open_stage()
    await ours.receive(stage, pieces(PHOTO))
    failpoints.arm(failpoints.parsed("ingest.committing:error"))
    with pytest.raises(failpoints.InjectedError):
        await complete(ours, stage)
    failpoints.arm([])

    assert await StagedUpload.open_one(stage.id)
    assert await keys_of(storage) == [stage.stored_at.key]

    image = await complete(ours, stage)

    assert await StagedUpload.open_one(stage.id) is None
    assert await keys_of(storage) == [image.storage.key]


async def test_an_image_is_kept_though_the_staged_bytes_cannot_be_deleted(ours, storage, open_stage):
    stage = await open_stage()
    await ours.receive(stage, pieces(PHOTO))
    failpoints.arm(failpoints.parsed("staged.ended:error"))

    image = await complete(ours, stage)

    assert await keys_of(storage) == sorted([image.storage.key, stage.stored_at.key])
    failpoints.arm([])
    await move(stage, expired_since=SWEPT_AFTER + timedelta(seconds=1))
    await sweep_and_delete(storage)
    assert await keys_of(storage) == [image.storage.key]


async def test_whoever_was_signed_out_meanwhile_has_completed_nothing(ours, storage, open_stage):
    async def refuse():
        raise UnauthenticatedError

    stage = await open_stage()
    await ours.receive(stage, pieces(PHOTO))
    with pytest.raises(UnauthenticatedError):
        await complete(ours, stage, refuse)

    assert await keys_of(storage) == [stage.stored_at.key]
    assert await complete(ours, stage)


async def test_a_stage_is_completed_after_the_storage_was_changed(ours, storage, open_stage):
    stage, another = await open_stage(), Another()
    await ours.receive(stage, pieces(PHOTO))

    image = await complete(staging_in(another, storage), stage)

    assert await keys_of(storage) == []
    assert await keys_of(another) == [image.storage.key]
    assert image.storage.kind == "another"


async def test_a_provider_that_fails_leaves_the_stage_open(ours, storage, open_stage, monkeypatch):
    async def broken(key):
        yield PHOTO[:100]
        raise StorageError("gone half-way")

    stage = await open_stage()
    await ours.receive(stage, pieces(PHOTO))
    with monkeypatch.context() as patch:
        patch.setattr(storage, "get", broken)
        with pytest.raises(StorageError):
            await complete(ours, stage)

    assert await complete(ours, stage)


# ------------------------------------------------------------------ receiving


async def test_bytes_that_come_in_while_the_stage_ends_are_not_kept(ours, storage, open_stage):
    stage = await open_stage()

    async def slow():
        yield PHOTO[:100]
        await StagedUpload.end(stage.id)
        yield PHOTO[100:]

    assert not await ours.receive(stage, slow())
    assert await keys_of(storage) == []


async def test_bytes_that_break_off_leave_those_that_came_before(ours, storage, open_stage):
    stage = await open_stage()
    await ours.receive(stage, pieces(PHOTO))

    async def broken():
        yield PHOTO[:100]
        raise LookupError

    with pytest.raises(LookupError):
        await ours.receive(stage, broken())

    assert await complete(ours, stage)


# ------------------------------------------------------------------ sweeping


async def test_only_stages_whose_time_has_long_been_over_are_swept_with_what_lies_there(
    ours, storage, open_stage
):
    stages = [await open_stage() for _ in range(3)]
    for stage in stages:
        await ours.receive(stage, pieces(PHOTO))
    old, recent, still_open = stages
    await move(old, expired_since=SWEPT_AFTER + timedelta(seconds=1))
    await move(recent, expired_since=SWEPT_AFTER - timedelta(minutes=1))

    for _ in range(2):
        await sweep_and_delete(storage)

        assert await keys_of(storage) == sorted([recent.stored_at.key, still_open.stored_at.key])
        assert {stage.id for stage in await StagedUpload.find({}).to_list()} == {recent.id, still_open.id}


async def test_more_stages_than_one_transaction_takes_are_swept(storage, open_stage, monkeypatch):
    monkeypatch.setattr(staging, "STAGES_PER_TRANSACTION", 2)
    for _ in range(5):
        await move(await open_stage(), expired_since=timedelta(days=1))

    await sweep_and_delete(storage)

    assert await StagedUpload.count() == 0


async def test_what_a_provider_let_in_behind_the_end_is_swept(ours, storage, open_stage):
    completed, refused = await open_stage(), await open_stage(5)
    await ours.receive(completed, pieces(PHOTO))
    await ours.receive(refused, pieces(b"hello"))
    image = await complete(ours, completed)
    with pytest.raises(UnsupportedFormatError):
        await complete(ours, refused)
    for stage in (completed, refused):
        await storage.put(stage.stored_at.key, pieces(b"late"))
        await move(stage, expired_since=timedelta(days=1))

    await sweep_and_delete(storage)

    assert await keys_of(storage) == [image.storage.key]


async def test_a_stage_that_has_expired_is_over_before_it_is_swept(ours, open_stage):
    stage = await open_stage()
    await move(stage, expired_since=timedelta(seconds=1))

    assert await StagedUpload.open_one(stage.id) is None
    assert await StagedUpload.open_of_owner(stage.owner_id, stage.id) is None
    assert await StagedUpload.count_open(stage.owner_id) == 0


async def test_of_a_departed_owner_nothing_is_left_that_was_said_and_nothing_that_comes_late(
    ours, storage, open_stage
):
    stage = await open_stage()
    await ours.receive(stage, pieces(PHOTO))

    await PurgeAccount([storage]).run(purge.account(stage.owner_id))

    assert await keys_of(storage) == []
    left = await StagedUpload.get(stage.id)
    assert (left.is_open, left.filename, left.checksum_sha256) == (False, "", None)
    await storage.put(stage.stored_at.key, pieces(b"late"))
    await move(left, expired_since=timedelta(days=1))
    await sweep_and_delete(storage)
    assert (await keys_of(storage), await StagedUpload.count()) == ([], 0)


async def test_two_who_sweep_at_once_do_no_harm(ours, storage, open_stage):
    stages = [await open_stage() for _ in range(5)]
    for stage in stages:
        await ours.receive(stage, pieces(PHOTO))
        await move(stage, expired_since=timedelta(days=1))

    await asyncio.gather(staging.sweep(MemoryQueue()), staging.sweep(MemoryQueue()))

    remembered = await Leftover.find({"owner_id": stages[0].owner_id}).to_list()
    assert {leftover.stored_at.key for leftover in remembered} == {stage.stored_at.key for stage in stages}
    await Leftover.find({"owner_id": stages[0].owner_id}).delete()


async def test_the_stage_that_is_planned_lies_in_the_current_storage_for_an_hour(ours, open_stage, storage):
    stage = await open_stage()

    assert stage.stored_at.kind == storage.kind
    assert stage.stored_at.key == f"staged/{stage.owner_id}/{stage.id}"
    assert stage.expires_at - stage.created_at == TTL
    with pytest.raises(ObjectNotFoundError):
        await storage.head(stage.stored_at.key)
    assert PydanticObjectId(stage.id)
