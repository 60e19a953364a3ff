"""Every stray goes, and only strays go."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from beanie import PydanticObjectId

from models import holdings
from models.departed import DepartedUser
from models.image import Image, StoredAt
from models.leftover import Leftover
from models.transactions import run
from models.work import Topic
from processing import leftovers, upkeep
from processing.leftovers import DeleteLeftover
from processing.queue.memory import MemoryQueue
from processing.queue.mongo import MongoQueue
from processing.reconcile import Reconciliation
from storage import keys
from storage.adapters import Storages
from storage.memory import MemoryStorage
from tests import catalogues, pictures
from tests.catalogues import Row
from tests.processing.storages.aging import age, keys_of, put
from tests.processing.taking_in import take_in

pytestmark = pytest.mark.mongo
HOUR = timedelta(hours=1)
SOMEBODY, NOBODY = "a" * 24, "b" * 24


def look(*storages, dry_run=False, **options):
    return Reconciliation(storages, MongoQueue(), dry_run=dry_run, **options).run()


def strays_of(owner_id, image):
    """A key of every kind that no document names, beside those of an image that has all of its own."""
    replaced = keys.next_original(owner_id, str(image.id))
    gone = keys.original(owner_id, NOBODY)
    return {
        gone,
        replaced,
        keys.variant(image.storage.key, "medium"),
        keys.variant(replaced, "medium"),
        keys.variant(gone, "thumbnail"),
        keys.made(replaced, "w10"),
        keys.made(gone, "w10"),
        keys.staged(owner_id, NOBODY),
        keys.manifest(owner_id, NOBODY),
    }


def others_of(owner_id, image):
    """Keys that look like ours and are not, and what was made of the image on demand."""
    return {
        keys.made(image.storage.key, "w10"),
        "originals2/" + keys.original(owner_id, NOBODY).partition("/")[2],
        f"original/{owner_id}/{NOBODY}",
        f"{keys.original(owner_id, NOBODY)}.jpg",
        f"originals/{owner_id}/holiday.jpg",
        "originals/holiday.jpg",
        f"variants/{owner_id}/{NOBODY}x/medium",
        f"staged/{owner_id}/{SOMEBODY}/more",
        f"manifests/{owner_id}/{SOMEBODY}.csv",
        "batches/1",
    }


async def test_of_everything_old_only_strays_go(storage, developed, owner_id):
    image = await developed(owner_id)
    own, owner = await keys_of(storage), str(owner_id)
    strays, others = strays_of(owner, image), others_of(owner, image)
    for key in strays | others:
        await put(storage, key)
    await age(storage)

    seen = await look(storage, dry_run=True)
    assert await keys_of(storage) == own | strays | others
    found = await look(storage)

    assert await keys_of(storage) == own | others
    assert (
        found.strays == seen.strays == {"originals": 2, "variants": 3, "made": 2, "staged": 1, "manifests": 1}
    )
    assert (found.stray_bytes, found.images, found.is_sound) == (9, 1, True)
    assert found.foreign == 6
    assert not (await look(storage)).strays


async def test_what_is_of_owners_unknown_here_stays_unless_it_is_asked_for(storage, developed, owner_id):
    image, departed = await developed(owner_id), PydanticObjectId()
    await run(lambda transaction: DepartedUser.add(departed, transaction))
    unknown = {keys.original(SOMEBODY, str(image.id)), keys.made(keys.original(SOMEBODY, NOBODY), "w10")}
    unknown |= {keys.staged(SOMEBODY, NOBODY)}
    for key in unknown | {keys.original(str(departed), NOBODY)}:
        await put(storage, key)
    await age(storage)

    found = await look(storage)
    assert await keys_of(storage) >= unknown
    assert (found.strays.total(), found.unclaimed, found.is_sound) == (1, 3, False)

    assert (await look(storage, unclaimed=True)).strays.total() == 3
    assert len(await keys_of(storage)) == 3


@pytest.mark.parametrize(("grace", "left"), [(2 * HOUR, False), (4 * HOUR, True)])
async def test_what_is_younger_than_the_grace_stays(storage, owner_id, grace, left):
    await put(storage, keys.original(str(owner_id), NOBODY))
    await age(storage, 3 * HOUR)

    found = await look(storage, grace=grace)

    assert bool(await keys_of(storage)) == left
    assert found.strays.total() == (not left)


async def test_what_may_still_be_completed_stays_for_a_day_whatever_the_grace(storage, owner_id):
    await put(storage, keys.staged(str(owner_id), NOBODY))
    await age(storage, 23 * HOUR)

    await look(storage, grace=HOUR)

    assert len(await keys_of(storage)) == 1


async def test_the_manifest_of_a_batch_stays_as_long_as_the_batch(storage, owner_id):
    batch = (await catalogues.keep(owner_id, Row("Lamp"))).batch
    batch.manifest = StoredAt(kind=storage.kind, key=keys.manifest(str(owner_id), str(batch.id)))
    await batch.save()
    await put(storage, batch.manifest.key)
    await age(storage, 1_000 * HOUR)

    await look(storage)
    kept = await keys_of(storage)
    await batch.delete()
    await look(storage, unclaimed=True)

    assert (len(kept), len(await keys_of(storage))) == (1, 0)


async def test_uploads_and_developments_under_way_keep_all_they_have_stored(storage, owner_id, monkeypatch):
    """The document comes, and names the object, behind the walk: only the last look can see it."""
    walked, go_on = asyncio.Event(), asyncio.Event()
    really = Leftover.has_any

    async def slowly(kind, keys):
        walked.set()
        await go_on.wait()
        return await really(kind, keys)

    image = (await take_in(owner_id, pictures.jpeg(), storage)).image
    document = await Image.get(image.id)
    await Image.find({"_id": image.id}).delete()
    await age(storage)
    monkeypatch.setattr(Leftover, "has_any", slowly)
    looking = asyncio.create_task(look(storage))
    await walked.wait()
    await document.insert()
    go_on.set()

    assert not (await looking).strays
    assert await keys_of(storage) == {image.storage.key}


async def test_what_is_remembered_to_be_deleted_later_stays_until_then(storage, owner_id):
    key = keys.original(str(owner_id), NOBODY)
    await put(storage, key)
    await age(storage)
    place = StoredAt(kind=storage.kind, key=key)
    await run(lambda transaction: leftovers.remember(owner_id, [place], MemoryQueue(), transaction))

    found = await look(storage)

    assert not found.strays
    assert await keys_of(storage) == {key}


async def test_what_nobody_tries_to_delete_any_more_is_a_stray_again(storage, owner_id):
    key, queue = keys.original(str(owner_id), NOBODY), MemoryQueue()
    await put(storage, key)
    await age(storage)
    place = StoredAt(kind=storage.kind, key=key)
    await run(lambda transaction: leftovers.remember(owner_id, [place], queue, transaction))

    await DeleteLeftover(Storages(storage)).give_up((await queue.consume(Topic.UPLOADS, 1))[0].item)

    assert (await look(storage)).strays == {"originals": 1}
    assert await keys_of(storage) == set()


async def test_an_image_in_the_trash_keeps_its_bytes(storage, developed, owner_id):
    image = await developed(owner_id)
    await upkeep.trash(owner_id, image.id)
    await age(storage)

    found = await look(storage)

    assert (found.strays.total(), len(await keys_of(storage))) == (0, 3)


async def test_a_copy_in_another_storage_than_the_images_own_is_a_stray(storage, developed, owner_id):
    image, another = await developed(owner_id), MemoryStorage()
    another.kind = "another"
    await put(another, image.storage.key)
    await put(another, keys.made(image.storage.key, "w10"))
    await age(another)

    found = await look(storage, another)

    assert found.strays.total() == 2
    assert await keys_of(another) == set()
    assert len(await keys_of(storage)) == 3


async def test_many_owners_and_images_in_several_storages_are_walked_through_side_by_side(
    storage, developed, monkeypatch
):
    monkeypatch.setattr(holdings, "IMAGES_PER_PART", 2)
    another = MemoryStorage()
    another.kind = "another"
    owners = [PydanticObjectId() for _ in range(3)]
    for number in range(15):
        await developed(owners[number % 3], number, at=(storage, another)[number % 2])
    await age(storage)
    await age(another)

    found = await look(storage, another)

    assert (found.images, found.objects, found.strays.total(), found.is_sound) == (15, 45, 0, True)
