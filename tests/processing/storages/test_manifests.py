"""Manifests are moved whole or not at all, whatever becomes of their batches meanwhile."""

from __future__ import annotations

import pytest
from beanie import PydanticObjectId

from errors import StorageError
from models.batch import Batch
from models.image import StoredAt
from models.leftover import Leftover
from models.work import Topic, Work
from processing import moving_manifests
from processing.copying import Copier
from processing.leftovers import DeleteLeftover
from processing.moving_manifests import MovedManifests, move_all
from processing.queue.base import WorkItem
from processing.queue.mongo import MongoQueue
from processing.reconcile import Reconciliation
from storage import keys
from storage.adapters import Storages
from tests import catalogues
from tests.catalogues import Row
from tests.processing.storages.aging import age, keys_of, put, read

pytestmark = pytest.mark.mongo
CONTENT = b"S. No.,Product Name,Input Image Urls\n1,Lamp,https://example.com/a.jpg\n"


@pytest.fixture(autouse=True)
async def no_batches(nothing_else, monkeypatch):
    monkeypatch.setattr(moving_manifests, "FIRST_PAUSE_SECONDS", 0)
    await Batch.get_pymongo_collection().delete_many({})


@pytest.fixture
def submitted(storage, owner_id):
    async def submit():
        batch_id = PydanticObjectId()
        key = keys.manifest(str(owner_id), str(batch_id))
        await put(storage, key, CONTENT)
        kept = await catalogues.keep(
            owner_id, Row("Lamp"), id=batch_id, manifest=StoredAt(kind=storage.kind, key=key)
        )
        return kept.batch

    return submit


async def place(batch):
    return (await Batch.get(batch.id)).manifest


async def test_all_are_moved_and_the_old_ones_go_later(storage, target, submitted):
    batches, old = [await submitted() for _ in range(3)], await keys_of(storage)

    moved = await move_all(Copier(storage, target), MongoQueue())

    assert moved == MovedManifests(3)
    for batch in batches:
        at = await place(batch)
        assert (at.kind, await read(target, at.key)) == ("target", CONTENT)
    assert await keys_of(storage) == old
    assert (await Work.first_in_line(Topic.UPLOADS, 1))[1] > 3_500
    for work in await Work.find().to_list():
        item = WorkItem(work.kind, work.subject_id, work.owner_id, id=work.id)
        await DeleteLeftover(Storages(target, {storage.kind: lambda: storage})).run(item)
    assert (await keys_of(storage), len(await keys_of(target))) == (set(), 3)


async def test_one_that_is_moved_back_is_not_deleted_with_what_lay_there_before(storage, target, submitted):
    batch = await submitted()
    await move_all(Copier(storage, target), MongoQueue())
    await move_all(Copier(target, storage), MongoQueue())

    left = {leftover.stored_at.key for leftover in await Leftover.find().to_list()}

    assert (await place(batch)).key not in left
    assert await read(storage, (await place(batch)).key) == CONTENT


async def test_strays_are_told_from_what_is_named_or_goes_later(storage, target, submitted, owner_id):
    batch = await submitted()
    await move_all(Copier(storage, target), MongoQueue())
    stray = keys.next_manifest(str(owner_id), str(batch.id))
    await put(storage, stray)
    await age(storage)
    before = await keys_of(storage)

    await Reconciliation([storage, target], MongoQueue(), dry_run=False).run()

    assert await keys_of(storage) == before - {stray}
    assert len(await keys_of(target)) == 1


async def test_what_is_missing_is_named_and_others_go(storage, target, submitted):
    missing, _ = await submitted(), await submitted()
    await storage.delete((await place(missing)).key)

    moved = await move_all(Copier(storage, target), MongoQueue())

    assert (moved.moved, list(moved.problems), moved.left) == (1, [str(missing.id)], 1)


async def test_a_batch_that_is_deleted_meanwhile_leaves_no_copy(storage, target, submitted, monkeypatch):
    batch = await submitted()
    really = target.put

    async def deleted_meanwhile(key, pieces):
        await really(key, pieces)
        await batch.delete()

    monkeypatch.setattr(target, "put", deleted_meanwhile)
    moved = await move_all(Copier(storage, target), MongoQueue())

    assert moved == MovedManifests()
    assert await keys_of(target) == set()


async def test_a_provider_that_stumbles_is_asked_again(storage, target, submitted, monkeypatch):
    await submitted()
    really, failures = target.put, iter([True, True])

    async def stumbling(key, pieces):
        if next(failures, False):
            raise StorageError("down")
        return await really(key, pieces)

    monkeypatch.setattr(target, "put", stumbling)

    assert await move_all(Copier(storage, target), MongoQueue()) == MovedManifests(1)
