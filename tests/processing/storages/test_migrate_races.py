"""What happens to an image, or to a provider, while it is being moved."""

from __future__ import annotations

import pytest

from errors import OutcomeUnknownError, StorageError
from models import holdings, transactions
from models.event import Event
from processing import migrate, upkeep
from processing.copying import Copier
from processing.item import DevelopImage
from processing.purge import PurgeImage
from processing.queue.base import WorkItem
from processing.queue.memory import MemoryQueue
from processing.queue.mongo import MongoQueue
from processing.redevelop import again
from storage.adapters import Storages
from tests import pictures
from tests.processing.in_process import InProcess
from tests.processing.storages.aging import keys_of
from tests.processing.storages.moves import Interrupted, move, moving, named, whole
from tests.processing.taking_in import development, take_in

pytestmark = pytest.mark.mongo


async def test_an_image_that_is_developed_meanwhile_is_not_swapped_and_moved_the_next_time(
    storage, target, developed, owner_id
):
    image = await developed(owner_id)

    async def develop_again(holding):
        await again(holding, [image.variants[0].key], MongoQueue())
        await DevelopImage(Storages(storage), MemoryQueue(), InProcess()).run(development(image))

    migrated = await move(Interrupted(storage, target, by=develop_again))

    assert (migrated.moved, migrated.problems) == (0, {})
    assert await keys_of(target) == set()
    assert await named(image) == await keys_of(storage)
    assert (await move(Copier(storage, target))).moved == 1
    assert await named(image) == await keys_of(target)


async def test_an_image_that_is_still_developed_is_waited_for(storage, target, owner_id, monkeypatch):
    image = (await take_in(owner_id, pictures.jpeg(), storage)).image
    look, both = holdings.are_more_than, Storages(target, {storage.kind: lambda: storage})

    async def developed_by_then(*arguments):
        await DevelopImage(both, MemoryQueue(), InProcess()).run(development(image))
        return await look(*arguments)

    assert (await move(Copier(storage, target))).left.unfinished == 1
    monkeypatch.setattr(holdings, "are_more_than", developed_by_then)
    migrated = await move(Copier(storage, target), wait_seconds=30)

    assert (migrated.moved, migrated.left.images) == (1, 0)
    assert await named(image) == await keys_of(target)


async def test_development_that_is_done_again_behind_the_swap_harms_nothing(
    storage, target, developed, owner_id
):
    image = await developed(owner_id)
    both = Storages(target, {storage.kind: lambda: storage})
    await move(Copier(storage, target))

    await DevelopImage(both, MemoryQueue(), InProcess()).run(development(image))

    assert await named(image) == await keys_of(target)
    assert len(await Event.after(image.id, 0)) == 4


async def test_work_that_ends_late_does_not_take_what_is_being_moved_for_its_own(
    storage, target, developed, owner_id
):
    image = await developed(owner_id)
    await move(Copier(storage, target))
    both = Storages(target, {storage.kind: lambda: storage})
    back = Interrupted(target, storage, by=lambda _: _done_again(both, image))

    assert (await move(back)).moved == 1

    assert await whole(image, storage)


async def _done_again(storages, image):
    await DevelopImage(storages, MemoryQueue(), InProcess()).run(development(image))


async def test_of_an_image_that_is_deleted_meanwhile_nothing_is_left(storage, target, developed, owner_id):
    image = await developed(owner_id)

    async def delete(holding):
        await upkeep.delete(owner_id, image.id, MongoQueue())
        purge = WorkItem("purge_image", image.id, owner_id, id=image.id)
        await PurgeImage([storage, target]).run(purge)

    migrated = await move(Interrupted(storage, target, by=delete))

    assert (migrated.moved, migrated.problems, migrated.left.images) == (0, {}, 0)
    assert await keys_of(storage) == await keys_of(target) == set()


async def test_two_migrations_at_once_move_each_image_once(storage, target, developed, owner_id):
    images = [await developed(owner_id, seed) for seed in range(4)]

    async def as_well(holding):
        await moving(Copier(storage, target))._move(holding)

    migrated = await move(Interrupted(storage, target, by=as_well))

    assert (migrated.moved, migrated.left.images) == (0, 0)
    assert set().union(*[await named(image) for image in images]) == await keys_of(target)


async def test_what_may_have_been_swapped_is_not_undone(storage, target, developed, owner_id, monkeypatch):
    image, really = await developed(owner_id), transactions.run

    async def answer_lost(work):
        await really(work)
        raise OutcomeUnknownError

    monkeypatch.setattr(transactions, "run", answer_lost)
    migrated = await move(Copier(storage, target))

    assert list(migrated.problems) == [str(image.id)]
    assert await whole(image, target)


async def test_a_provider_that_stumbles_is_tried_again_and_one_that_is_down_ends_the_migration(
    storage, target, developed, owner_id, monkeypatch
):
    for seed in range(4):
        await developed(owner_id, seed)
    really, failures = target.put, iter([True, True])

    async def stumbling(key, pieces):
        if next(failures, False):
            raise StorageError("down")
        return await really(key, pieces)

    async def down(key, pieces):
        raise StorageError("down")

    monkeypatch.setattr(migrate, "MOST_FAILURES_IN_A_ROW", 2)
    monkeypatch.setattr(target, "put", down)
    given_up = await move(Copier(storage, target), parallel=1)
    monkeypatch.setattr(target, "put", stumbling)
    migrated = await move(Copier(storage, target), parallel=1)

    assert (given_up.gave_up, len(given_up.problems), given_up.left.images) == (True, 2, 4)
    assert (migrated.gave_up, migrated.moved) == (False, 4)
