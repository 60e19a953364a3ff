"""Stages are swept by the clock, with whatever came in late."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from errors import UnsupportedFormatError
from models.leftover import Leftover
from models.staged_upload import StagedUpload
from processing import purge, staging
from processing.purge import PurgeAccount
from processing.queue.memory import MemoryQueue
from processing.staging import SWEPT_AFTER
from tests.processing.staging.stages import PHOTO, complete, keys_of, move, pieces, sweep_and_delete

pytestmark = pytest.mark.mongo


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
