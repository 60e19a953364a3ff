"""The trash is emptied, tallies are folded, departed users are looked after: by one worker, or by several at once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from beanie import PydanticObjectId

from models import shelves
from models.departed import DepartedUser
from models.image import Image
from models.lease import Lease
from models.tally import LINES_LEFT_ALONE, Share, Tally
from models.transactions import run
from models.work import Work
from processing import purge, upkeep
from processing.housekeeping import LEASE, Housekeeping
from processing.purge import PURGE_ACCOUNT, PURGE_IMAGE
from processing.queue.mongo import MongoQueue
from storage.memory import MemoryStorage
from tests import pictures
from tests.processing import taking_in

pytestmark = pytest.mark.mongo
DAY = timedelta(days=1)
INTERVAL_SECONDS = 0.3  # a lease is a few of them long, and a busy machine keeps one waiting
SOON = 10


@pytest.fixture
async def keeping(database):
    await Lease.get_pymongo_collection().delete_many({})
    return Housekeeping(MongoQueue(), trash_ttl=30 * DAY, interval_seconds=INTERVAL_SECONDS)


@pytest.fixture
def trashed(database, owner_id):
    async def take_in(age, seed=0):
        image = (await taking_in.take_in(owner_id, pictures.jpeg(seed=seed), MemoryStorage())).image
        await upkeep.trash(owner_id, image.id)
        await Image.find({"_id": image.id}).update({"$set": {"trashed_at": datetime.now(UTC) - age}})
        return image

    return take_in


async def left(owner_id):
    return {image.id for image in await Image.find({"owner_id": owner_id}).to_list()}


async def until(condition):
    async with asyncio.timeout(SOON):
        while not await condition():  # noqa: ASYNC110 - what is waited for happens in MongoDB
            await asyncio.sleep(0.01)


# ------------------------------------------------------------------ the trash


async def test_only_what_has_been_in_the_trash_too_long_is_deleted_for_good(
    keeping, trashed, owner_id, monkeypatch
):
    monkeypatch.setattr(shelves, "IMAGES_PER_PART", 2)
    old = [await trashed(31 * DAY, seed) for seed in range(5)]
    young = await trashed(29 * DAY, 5)

    await keeping.empty_trash()

    assert await left(owner_id) == {young.id}
    assert await Tally.of_owner(owner_id) == Share(0, young.size_bytes)
    purges = await Work.find({"owner_id": owner_id, "kind": PURGE_IMAGE}).to_list()
    assert sorted(work.subject_id for work in purges) == sorted(image.id for image in old)


async def test_an_image_that_cannot_be_deleted_keeps_no_other_in_the_trash(
    keeping, trashed, owner_id, monkeypatch
):
    monkeypatch.setattr(shelves, "IMAGES_PER_PART", 2)
    stuck, *others = [await trashed(31 * DAY, seed) for seed in range(5)]
    forget = shelves.forget

    async def failing(owner_id, image_id, *arguments, **options):
        if image_id == stuck.id:
            raise LookupError("on purpose")
        return await forget(owner_id, image_id, *arguments, **options)

    monkeypatch.setattr(shelves, "forget", failing)
    await keeping.empty_trash()

    assert await left(owner_id) == {stuck.id}
    assert len(others) == 4


async def test_two_who_empty_the_trash_at_once_delete_each_image_once(keeping, trashed, owner_id):
    images = [await trashed(31 * DAY, seed) for seed in range(6)]

    await asyncio.gather(keeping.empty_trash(), keeping.empty_trash(), keeping.empty_trash())

    assert await Tally.of_owner(owner_id) == Share(0, 0)
    assert await Work.find({"owner_id": owner_id, "kind": PURGE_IMAGE}).count() == len(images)


# ------------------------------------------------------------------ tallies


async def test_long_tallies_are_folded(keeping, owner_id):
    lines = [Tally(owner_id=owner_id, image_count=1)] * (LINES_LEFT_ALONE + 1)
    await run(lambda transaction: Tally.add(lines, transaction))

    await keeping.fold_tallies()

    assert await Tally.find({"owner_id": owner_id}).count() == 1
    assert await Tally.of_owner(owner_id) == Share(LINES_LEFT_ALONE + 1, 0)


# ------------------------------------------------------------------ departed users


async def account_purges(owner_id):
    return await Work.find({"owner_id": owner_id, "kind": PURGE_ACCOUNT}).count()


@pytest.mark.parametrize(("age", "purges"), [(0 * DAY, 1), (2 * DAY, 0)])
async def test_what_came_in_behind_its_departed_user_is_purged_once(keeping, trashed, owner_id, age, purges):
    await run(lambda transaction: DepartedUser.add(owner_id, transaction))
    await DepartedUser.find({"_id": owner_id}).update({"$set": {"departed_at": datetime.now(UTC) - age}})
    await trashed(0 * DAY)

    await keeping.look_after_departed()
    await keeping.look_after_departed()

    assert await account_purges(owner_id) == purges


async def test_a_departed_user_of_whom_nothing_is_left_is_left_alone(keeping, owner_id):
    await run(lambda transaction: DepartedUser.add(owner_id, transaction))

    await keeping.look_after_departed()

    assert await account_purges(owner_id) == 0


async def test_who_departed_long_ago_is_forgotten(keeping, owner_id):
    await run(lambda transaction: DepartedUser.add(owner_id, transaction))
    await DepartedUser.find({"_id": owner_id}).update(
        {"$set": {"departed_at": datetime(2020, 1, 1, tzinfo=UTC)}}
    )

    await keeping.look_after_departed()

    assert await DepartedUser.get(owner_id) is None


def test_the_purge_of_an_account_is_one_item_however_often_it_is_asked_for(owner_id):
    assert purge.account(owner_id) == purge.account(owner_id)


# ------------------------------------------------------------------ rounds


async def test_a_round_comes_at_once_and_at_every_interval(keeping, trashed, owner_id):
    keeping.start()
    for seed in range(2):
        image = await trashed(31 * DAY, seed)

        async def is_gone(image=image):
            return await Image.get(image.id) is None

        await until(is_gone)
    await keeping.close()


async def test_a_chore_that_fails_keeps_neither_the_others_nor_the_next_round_from_being_done(keeping):
    done = asyncio.Queue()

    async def failing():
        raise LookupError("on purpose")

    async def working():
        done.put_nowait(None)

    keeping._chores = (failing, working)
    keeping.start()

    for _ in range(2):
        await asyncio.wait_for(done.get(), SOON)
    await keeping.close()


async def test_x12_while_one_keeps_house_no_other_does_and_afterwards_the_next_may(keeping):
    another = Housekeeping(MongoQueue(), trash_ttl=DAY, interval_seconds=INTERVAL_SECONDS)
    rounds = {keeping: asyncio.Queue(), another: asyncio.Queue()}
    for keeper, done in rounds.items():

        async def chore(done=done):
            done.put_nowait(None)

        keeper._chores = (chore,)
    keeping.start()
    await asyncio.wait_for(rounds[keeping].get(), SOON)
    another.start()
    for _ in range(3):
        await asyncio.wait_for(rounds[keeping].get(), SOON)
    assert rounds[another].empty()

    await keeping.close()

    await asyncio.wait_for(rounds[another].get(), SOON)
    await another.close()


async def test_closing_does_not_wait_for_a_chore(keeping):
    begun = asyncio.Event()

    async def endless():
        begun.set()
        await asyncio.Event().wait()

    keeping._chores = (endless,)
    keeping.start()
    await asyncio.wait_for(begun.wait(), SOON)

    await asyncio.wait_for(keeping.close(), SOON)

    assert await Lease.take(LEASE, "another", 1)


async def test_closing_succeeds_though_mongodb_does_not_answer(keeping, monkeypatch):
    async def gone(name, holder):
        raise OSError("gone")

    monkeypatch.setattr(Lease, "release", gone)
    keeping.start()

    await asyncio.wait_for(keeping.close(), SOON)


# ------------------------------------------------------------------ the lease


@pytest.fixture
def name():
    return str(PydanticObjectId())


async def test_x12_of_many_who_want_a_lease_one_has_it_and_may_take_it_anew(database, name):
    taken = await asyncio.gather(*(Lease.take(name, f"holder-{number}", SOON) for number in range(8)))

    assert sum(taken) == 1
    assert await Lease.take(name, f"holder-{taken.index(True)}", SOON)


async def test_a_lease_that_is_over_or_given_back_is_free(database, name):
    assert await Lease.take(name, "ann", 0)
    assert await Lease.take(name, "ben", SOON)
    assert not await Lease.take(name, "ann", SOON)

    await Lease.release(name, "ann")
    assert not await Lease.take(name, "ann", SOON)
    await Lease.release(name, "ben")
    assert await Lease.take(name, "ann", SOON)
