"""A staged upload ends in one image or in nothing, whatever fails meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest
from beanie import PydanticObjectId

import failpoints
from errors import ObjectNotFoundError, StorageError, UnauthenticatedError
from models.staged_upload import StagedUpload
from processing.staging import SWEPT_AFTER, TTL
from tests.processing.staging.stages import (
    PHOTO,
    Another,
    complete,
    keys_of,
    move,
    pieces,
    staging_in,
    sweep_and_delete,
)

pytestmark = pytest.mark.mongo


async def test_the_stage_that_is_planned_lies_in_the_current_storage_for_an_hour(ours, open_stage, storage):
    stage = await open_stage()

    assert stage.stored_at.kind == storage.kind
    assert stage.stored_at.key == f"staged/{stage.owner_id}/{stage.id}"
    assert stage.expires_at - stage.created_at == TTL
    with pytest.raises(ObjectNotFoundError):
        await storage.head(stage.stored_at.key)
    assert PydanticObjectId(stage.id)


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
