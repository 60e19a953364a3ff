"""An image whose original is to be replaced."""

from __future__ import annotations

import pytest

from processing.queue.mongo import MongoQueue
from storage.memory import MemoryStorage
from tests.processing.replacing.steps import NEW, OLD
from tests.processing.taking_in import replace, take_in


@pytest.fixture
def storage(database):
    return MemoryStorage()


@pytest.fixture
async def image(storage, owner_id):
    return (await take_in(owner_id, OLD, storage, MongoQueue())).image


@pytest.fixture
def swap(storage, owner_id, image):
    async def run(content=NEW, quota=None):
        return await replace(owner_id, image.id, content, storage, MongoQueue(), quota)

    return run
