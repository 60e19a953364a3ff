"""What the tests of batches share."""

from __future__ import annotations

import pytest

import failpoints
from models.batch import Batch
from models.work import Work
from processing.batches.outcomes import Outcomes
from processing.queue.mongo import MongoQueue
from storage.memory import MemoryStorage
from tests.processing.batches import batches
from tests.processing.batches.batches import hand_out


@pytest.fixture(autouse=True)
def disarmed():
    yield
    failpoints.arm([])


@pytest.fixture
async def queue(database):
    await Work.get_pymongo_collection().delete_many({})
    await Batch.get_pymongo_collection().delete_many({})
    return MongoQueue()


@pytest.fixture
def storage():
    return MemoryStorage()


@pytest.fixture
def outcomes(queue):
    return Outcomes(queue)


@pytest.fixture
def submit(owner_id, storage):
    """A batch of these rows, still to be expanded."""

    async def run(*rows):
        return await batches.submit(owner_id, storage, *rows)

    return run


@pytest.fixture
def expanded(submit, storage, queue):
    """A batch of these rows, of which nothing is handed out yet."""

    async def run(*rows):
        batch = await submit(*rows)
        await batches.expand(batch, storage, queue)
        return batch

    return run


@pytest.fixture
def finished(expanded, queue, outcomes):
    """A finished batch, each image of which has ended so."""

    async def run(*ends):
        batch = await expanded("abcdef"[: len(ends)])
        for unit, end in zip(await hand_out(batch, queue), ends, strict=True):
            await outcomes.end(end(unit))
        return await batches.fresh(batch)

    return run
