"""Stages of an owner, in a storage of their own."""

from __future__ import annotations

import pytest

import failpoints
from models.staged_upload import StagedUpload
from processing.inspection import Declared
from processing.staging import Announced
from storage.memory import MemoryStorage
from tests.processing.staging.stages import SIZE, staging_in


@pytest.fixture
async def storage(database):
    await StagedUpload.get_pymongo_collection().delete_many({})
    return MemoryStorage()


@pytest.fixture(autouse=True)
def disarmed():
    yield
    failpoints.arm([])


@pytest.fixture
def ours(storage):
    return staging_in(storage)


@pytest.fixture
def open_stage(ours, owner_id):
    async def open_(size_bytes=SIZE):
        stage = await ours.planned(owner_id, Announced("a.jpg", "image/jpeg", Declared(size_bytes, None)))
        return await stage.insert()

    return open_
