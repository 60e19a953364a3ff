"""Bytes of what was deleted are deleted too, also if it takes several attempts, and no others are."""

from __future__ import annotations

import pytest
from beanie import PydanticObjectId

import failpoints
from failpoints import InjectedError
from models.change import Change, ChangeKind
from models.event import Event
from models.image import Image
from models.tally import Share, Tally
from models.transactions import run
from models.work import Work
from processing import purge, upkeep
from processing.item import DevelopImage
from processing.purge import AGAIN_AFTER_SECONDS, PURGE_ACCOUNT, PURGE_IMAGE, PurgeAccount, PurgeImage
from processing.queue.base import WorkItem
from processing.queue.memory import MemoryQueue
from processing.queue.mongo import MongoQueue
from storage import keys
from storage.adapters import Storages
from storage.memory import MemoryStorage
from tests import pictures
from tests.processing.in_process import InProcess
from tests.processing.taking_in import development, take_in

pytestmark = pytest.mark.mongo


@pytest.fixture
def storage(database):
    return MemoryStorage()


@pytest.fixture(autouse=True)
def disarmed():
    yield
    failpoints.arm([])


@pytest.fixture
def taken_in(storage):
    async def run_(owner_id, seed=0):
        return (await take_in(owner_id, pictures.jpeg(seed=seed), storage)).image

    return run_


@pytest.fixture
def developed(storage, taken_in):
    async def run_(owner_id, seed=0):
        image = await taken_in(owner_id, seed)
        await DevelopImage(Storages(storage), MemoryQueue(), InProcess()).run(development(image))
        return image

    return run_


def purge_of(image):
    return WorkItem(PURGE_IMAGE, image.id, image.owner_id, id=PydanticObjectId())


async def stored_keys(storage):
    return {stored.key async for stored in storage.list("")}


async def keys_of(image):
    found = await Image.get(image.id)
    return {found.storage.key, *(variant.key for variant in found.variants)}


async def put(storage, key):
    async def pieces():
        yield b"x"

    await storage.put(key, pieces())


async def test_a_deleted_image_leaves_no_byte_and_its_neighbour_keeps_all(storage, developed, owner_id):
    deleted, neighbour = await developed(owner_id, 1), await developed(owner_id, 2)
    await upkeep.delete(owner_id, deleted.id, MemoryQueue())

    for _ in range(2):
        await PurgeImage([storage]).run(purge_of(deleted))

        assert await stored_keys(storage) == await keys_of(neighbour)


async def test_bytes_are_deleted_from_every_storage_that_may_hold_them(developed, storage, owner_id):
    image, another = await developed(owner_id), MemoryStorage()
    await put(another, keys.variant(image.storage.key, "medium"))

    await PurgeImage([another, storage]).run(purge_of(image))

    assert await stored_keys(storage) == await stored_keys(another) == set()


async def test_a_purge_that_was_interrupted_is_finished_by_the_next(storage, developed, owner_id):
    image = await developed(owner_id)
    failpoints.arm(failpoints.parsed("purge.deleted:error"))
    with pytest.raises(InjectedError):
        await PurgeImage([storage]).run(purge_of(image))
    failpoints.arm([])
    assert len(await stored_keys(storage)) == 2

    await PurgeImage([storage]).run(purge_of(image))

    assert await stored_keys(storage) == set()


async def test_work_about_an_image_that_is_gone_removes_what_an_attempt_left(storage, developed, owner_id):
    image = await developed(owner_id)
    await upkeep.delete(owner_id, image.id, MemoryQueue())
    await PurgeImage([storage]).run(purge_of(image))
    await put(storage, keys.variant(image.storage.key, "medium"))

    await DevelopImage(Storages(storage), MemoryQueue(), InProcess()).run(development(image))

    assert await stored_keys(storage) == set()


async def test_variants_made_while_the_image_is_deleted_are_not_left(
    storage, taken_in, owner_id, monkeypatch
):
    image, really_put = await taken_in(owner_id), storage.put

    async def put_behind_the_purge(key, pieces):
        await upkeep.delete(owner_id, image.id, MemoryQueue())
        await PurgeImage([storage]).run(purge_of(image))
        return await really_put(key, pieces)

    monkeypatch.setattr(storage, "put", put_behind_the_purge)
    await DevelopImage(Storages(storage), MemoryQueue(), InProcess()).run(development(image))

    assert await stored_keys(storage) == set()


async def test_everything_of_an_image_has_its_prefixes_and_nothing_of_another_original_has_its_own():
    owner, image = str(PydanticObjectId()), str(PydanticObjectId())
    first, second = keys.original(owner, image), keys.next_original(owner, image)
    of_second = [keys.variant(second, "medium"), keys.made(second, "w10")]

    assert all(key.startswith(keys.prefixes_of_image(owner, image)) for key in [first, second, *of_second])
    assert not any(
        key.startswith((keys.variants_prefix(first), keys.made_prefix(first))) for key in of_second
    )
    assert keys.variants_prefix(first) != keys.variants_prefix(second) != keys.variants_prefix(first)


# ------------------------------------------------------------------ accounts


async def test_of_a_departed_user_nothing_is_left_and_of_others_everything(
    storage, developed, owner_id, monkeypatch
):
    monkeypatch.setattr(purge, "IMAGES_PER_TRANSACTION", 2)
    images = [await developed(owner_id, seed) for seed in range(3)]
    await upkeep.trash(owner_id, images[0].id)
    someone = PydanticObjectId()
    theirs = await developed(someone)
    await run(lambda transaction: Change.record(someone, theirs.id, ChangeKind.UPDATED, transaction))
    await put(storage, keys.original(str(owner_id), "stray"))
    await put(storage, keys.staged(str(owner_id), "stray"))

    for _ in range(2):
        await PurgeAccount([storage]).run(purge.account(owner_id))

        assert await Image.find({"owner_id": owner_id}).count() == 0
        assert await Event.find({"owner_id": owner_id}).count() == 0
        assert await Change.find({"owner_id": owner_id}).count() == 0
        assert await Tally.of_owner(owner_id) == Share(0, 0)
        assert await stored_keys(storage) == await keys_of(theirs)
    assert len(await Event.after(theirs.id, 0)) == 4
    assert await Change.find({"owner_id": someone}).count() == 1
    assert await Tally.of_owner(someone) == Share(1, theirs.size_bytes)


async def test_the_purge_of_an_account_goes_on_where_it_was_interrupted(storage, developed, owner_id):
    await developed(owner_id)
    failpoints.arm(failpoints.parsed("purge.deleted:error@2"))
    with pytest.raises(InjectedError):
        await PurgeAccount([storage]).run(purge.account(owner_id))
    failpoints.arm([])

    await PurgeAccount([storage]).run(purge.account(owner_id))

    assert await stored_keys(storage) == set()


async def test_an_account_is_purged_once_more_when_providers_list_all_that_was_put(database, owner_id):
    await run(lambda transaction: purge.account_gone(owner_id, MongoQueue(), transaction))

    wanted = {"owner_id": owner_id, "kind": PURGE_ACCOUNT, "subject_id": owner_id}
    at_once, later = await Work.find(wanted).sort("ready_at").to_list()
    assert (later.ready_at - at_once.ready_at).total_seconds() >= AGAIN_AFTER_SECONDS
