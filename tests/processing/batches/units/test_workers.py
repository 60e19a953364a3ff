"""Worker processes with everything they have: manifest, origin, codec, GridFS. Those that die leave nothing undone."""

from __future__ import annotations

import asyncio
import signal

import pytest
from beanie import PydanticObjectId

from models.batch import Batch, BatchState, Counts, now
from models.batch_event import BatchEvent
from models.batch_item import BatchItem, BatchItemState
from models.image import Image, StoredAt
from models.tally import Tally
from models.values import Compression
from processing.batches.expand import EXPAND
from processing.queue.base import WorkItem
from processing.queue.mongo import MongoQueue
from storage.gridfs import GridFSStorage
from tests import pictures
from tests.faults.hasty import HastyService
from tests.processing.fetch.origin import ok, status

pytestmark = pytest.mark.mongo
STEPS = ["unit.fetched", "unit.stored", "batch.ending"]
WITHIN_SECONDS = 120
PHOTOS, BROKEN = 40, 2


@pytest.fixture
def workers(mongo_uri, database, origin, tmp_path):
    service = HastyService(
        tmp_path,
        MONGODB_URI=mongo_uri,
        MONGODB_DATABASE=database.name,
        FETCH_PRIVATE_ALLOWLIST=f"127.0.0.1:{origin.port}",
        WORKER_CONCURRENCY="2",
    )
    yield service
    for process in service.processes.values():
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0


@pytest.fixture
def storage(database):
    return GridFSStorage(database)


async def submitted(owner_id, storage, origin):
    """A batch of photos, each at two addresses of the manifest, and of some that are not there."""
    origin.answers = {f"/{n}.jpg": ok(pictures.jpeg(200, 150, seed=n)) for n in range(PHOTOS)}
    origin.answers |= {f"/broken-{n}.jpg": status(404) for n in range(BROKEN)}
    urls = [f"http://127.0.0.1:{origin.port}{path}" for path in origin.answers] * 2
    rows = [f"{n},SKU{n},{url}" for n, url in enumerate(urls)]
    manifest = "\n".join(["S. No.,Product Name,Input Image Urls", *rows]).encode()

    async def pieces():
        yield manifest

    batch_id = PydanticObjectId()
    key = f"manifests/{owner_id}/{batch_id}"
    await storage.put(key, pieces())
    batch = Batch(
        id=batch_id,
        owner_id=owner_id,
        manifest_name="a.csv",
        manifest=StoredAt(kind=storage.kind, key=key),
        compression=Compression(),
        counts=Counts(total=len(urls), pending=len(urls)),
        created_at=now(),
    )
    await batch.insert()
    await MongoQueue().publish([WorkItem(EXPAND, batch_id, owner_id, PydanticObjectId())])
    return batch_id


async def until(holds):
    async with asyncio.timeout(WITHIN_SECONDS):
        while not await holds():  # noqa: ASYNC110 - other processes tell nobody
            await asyncio.sleep(0.1)


def is_dead(process):
    async def look():
        return process.poll() == -signal.SIGKILL

    return look


async def test_x8_workers_that_die_at_every_step_leave_nothing_undone(workers, owner_id, storage, origin):
    batch_id = await submitted(owner_id, storage, origin)
    for step in STEPS:
        doomed = workers.start("worker", step, FAILPOINTS=f"{step}:kill")
        await until(is_dead(doomed))
    workers.start("worker", "steady")

    async def is_over():
        return (await Batch.get(batch_id)).finished_at

    async def is_adorned():
        return await Image.find({"owner_id": owner_id, "placeholder": None}).count() == 0

    await until(is_over)
    await until(is_adorned)

    batch = await Batch.get(batch_id)
    assert batch.state == BatchState.COMPLETED_WITH_ERRORS
    assert batch.counts == Counts(
        total=2 * (PHOTOS + BROKEN), pending=0, succeeded=2 * PHOTOS, failed=2 * BROKEN
    )
    events = await BatchEvent.after(batch_id, 0, 1_000)
    assert [event.sequence for event in events] == list(range(1, batch.sequence + 1))
    ended = [event.item_id for event in events if event.item_id]
    assert len(ended) == len(set(ended)) == batch.counts.total
    await assert_all_is_kept_once(batch_id, owner_id, storage)


async def assert_all_is_kept_once(batch_id, owner_id, storage):
    items = await BatchItem.find({"batch_id": batch_id, "state": BatchItemState.SUCCEEDED}).to_list()
    images = await Image.find({"owner_id": owner_id}).to_list()
    assert {item.image_id for item in items} == {image.id for image in images}
    assert len(images) == PHOTOS
    named = {key for image in images for key in (image.storage.key, *(v.key for v in image.variants))}
    stored = {found.key async for found in storage.list("")}
    assert named <= {key for key in stored if str(owner_id) in key}
    assert [key for key in stored - named if f"variants/{owner_id}" in key] == []
    assert (await Tally.of_owner(owner_id)).stored_bytes == sum(image.size_bytes for image in images)
