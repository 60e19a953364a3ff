"""Images are moved whole or not at all, and nothing is lost on the way."""

from __future__ import annotations

import pytest

from models import transactions
from models.image import Image
from models.leftover import Leftover
from models.work import Topic, Work
from processing import migrate, upkeep
from processing.copying import Copier
from processing.leftovers import DELETE_LEFTOVER, DeleteLeftover
from processing.queue.base import WorkItem
from processing.queue.mongo import MongoQueue
from processing.reconcile import Reconciliation
from storage import keys
from storage.adapters import Storages
from tests.processing.storages.aging import age, keys_of, put
from tests.processing.storages.moves import move, named, whole

pytestmark = pytest.mark.mongo


async def test_everything_is_moved_and_old_bytes_go_later(storage, target, developed, owner_id):
    images = [await developed(owner_id, seed) for seed in range(5)]
    await upkeep.trash(owner_id, images[0].id)
    await put(storage, keys.made(images[1].storage.key, "w10"))
    await age(storage)
    old, trashed = await keys_of(storage), await Image.get(images[0].id)

    migrated = await move(Copier(storage, target))

    assert (migrated.moved, migrated.problems, migrated.left.images) == (5, {}, 0)
    assert migrated.moved_bytes == sum(image.size_bytes for image in images)
    assert all([await whole(image, target) for image in images])
    assert len(await keys_of(target)) == 15
    assert await keys_of(storage) == old
    originals = {image.storage.key for image in images}
    assert {leftover.stored_at.key for leftover in await Leftover.find().to_list()} == originals
    assert await Work.find({"kind": DELETE_LEFTOVER}).count() == 5
    assert not (await Reconciliation([storage, target], MongoQueue(), dry_run=False).run()).strays
    assert await keys_of(storage) == old
    assert (await Work.first_in_line(Topic.UPLOADS, 1))[1] > 3_500
    unchanged = {"storage", "variants", "revision_id"}
    assert (await Image.get(images[0].id)).model_dump(exclude=unchanged) == trashed.model_dump(
        exclude=unchanged
    )


async def test_what_is_remembered_of_a_move_leaves_nothing_in_the_old_storage(
    storage, target, developed, owner_id
):
    image = await developed(owner_id)
    await move(Copier(storage, target))

    for work in await Work.find({"kind": DELETE_LEFTOVER}).to_list():
        item = WorkItem(work.kind, work.subject_id, work.owner_id, id=work.id)
        await DeleteLeftover(Storages(target, {storage.kind: lambda: storage})).run(item)

    assert await keys_of(storage) == set()
    assert await whole(image, target)


async def test_a_second_migration_goes_on_where_the_first_ended(
    storage, target, developed, owner_id, monkeypatch
):
    images = [await developed(owner_id, seed) for seed in range(6)]
    monkeypatch.setattr(migrate, "IMAGES_PER_PART", 2)
    really, count = transactions.run, 0

    async def dies(work):
        nonlocal count
        count += 1
        if count > 3:
            raise LookupError
        return await really(work)

    monkeypatch.setattr(transactions, "run", dies)
    with pytest.raises(LookupError):
        await move(Copier(storage, target), parallel=1)
    monkeypatch.setattr(transactions, "run", really)
    assert len(await keys_of(target)) == 9

    migrated = await move(Copier(storage, target))

    assert migrated.moved == 3
    assert all([await whole(image, target) for image in images])


@pytest.mark.parametrize("damage", ["original", "preset"])
async def test_a_damaged_image_is_named_and_stays_and_others_go(storage, target, developed, owner_id, damage):
    damaged, sound = await developed(owner_id, 1), await developed(owner_id, 2)
    key = damaged.storage.key if damage == "original" else damaged.variants[0].key
    await put(storage, key, b"x" * damaged.size_bytes)

    migrated = await move(Copier(storage, target))

    assert list(migrated.problems) == [str(damaged.id)]
    assert key in migrated.problems[str(damaged.id)]
    assert (migrated.moved, migrated.left.images) == (1, 1)
    assert await named(damaged) <= await keys_of(storage)
    assert await keys_of(target) == await named(sound)


async def test_an_image_whose_original_is_missing_is_named_and_stays(storage, target, developed, owner_id):
    image = await developed(owner_id)
    await storage.delete(image.storage.key)

    migrated = await move(Copier(storage, target))

    assert list(migrated.problems) == [str(image.id)]
    assert await keys_of(target) == set()


async def test_bytes_that_the_target_kept_wrongly_are_found(
    storage, target, developed, owner_id, monkeypatch
):
    image, really = await developed(owner_id), target.put

    async def corrupting(key, pieces):
        stored = await really(key, pieces)
        content, at = target._objects[key]
        target._objects[key] = b"?" + content[1:], at
        return stored

    monkeypatch.setattr(target, "put", corrupting)

    assert (await move(Copier(storage, target))).problems.keys() == {str(image.id)}
    assert await keys_of(target) == set()
    assert (await move(Copier(storage, target, verify=False))).moved == 1
