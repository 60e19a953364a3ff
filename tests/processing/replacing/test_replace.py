"""Another original for an image: all or nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

import failpoints
from errors import OutcomeUnknownError, QuotaExceededError, StorageError
from failpoints import InjectedError
from models import transactions
from models.event import Event
from models.image import Image, ImageState
from models.leftover import Leftover
from models.tally import Share, Tally
from models.work import Work
from processing import upkeep
from processing.queue.mongo import MongoQueue
from processing.quota import limited_to
from processing.register import DEVELOP
from storage import keys
from storage.memory import MemoryStorage
from tests.processing.replacing.steps import (
    NEW,
    OLD,
    THIRD,
    delete_leftovers,
    developer,
    kept_in,
    keys_in,
    nothing_is_left_but_what_is_referred_to,
    one_piece,
)
from tests.processing.taking_in import development, replace, take_in

pytestmark = pytest.mark.mongo


async def test_document_event_share_work_and_leftover_are_written_together(swap, image, owner_id):
    replaced = await swap()

    assert (replaced.sequence, replaced.state) == (2, ImageState.PROCESSING)
    assert [event.stage for event in await Event.after(image.id, 1)] == ["STORED"]
    assert await Tally.of_owner(owner_id) == Share(1, len(NEW))
    assert await Work.find({"subject_id": image.id, "kind": DEVELOP}).count() == 2
    assert [found.stored_at for found in await Leftover.find({"owner_id": owner_id}).to_list()] == [
        image.storage
    ]


async def test_a_fault_before_the_commit_leaves_all_as_it_was(swap, storage, image, owner_id):
    failpoints.arm(failpoints.parsed("replace.committing:error"))
    try:
        with pytest.raises(InjectedError):
            await swap()
    finally:
        failpoints.arm([])

    assert (await Image.get(image.id)).storage == image.storage
    assert await keys_in(storage) == {image.storage.key}
    assert await Leftover.find({"owner_id": owner_id}).count() == 0


async def test_new_bytes_stay_when_nobody_knows_whether_they_are_referred_to(swap, storage, monkeypatch):
    committed = transactions.run

    async def unknown(work):
        await committed(work)
        raise OutcomeUnknownError

    monkeypatch.setattr(transactions, "run", unknown)

    with pytest.raises(OutcomeUnknownError):
        await swap()

    assert len(await keys_in(storage)) == 2


async def test_the_old_original_goes_with_all_that_was_made_of_it(swap, storage, image, owner_id):
    await developer(storage).run(development(image))
    await storage.put(keys.made(image.storage.key, "w100"), one_piece(b"x"))
    await storage.put(keys.variant(image.storage.key, "thumbnail"), one_piece(b"a stray"))

    replaced = await swap()
    await delete_leftovers(owner_id, storage)

    assert await keys_in(storage) == {replaced.storage.key}
    assert await kept_in(storage, replaced.storage.key) == NEW


async def test_an_old_original_is_deleted_where_it_lies(image, storage, owner_id):
    current = MemoryStorage()
    current.kind = "another"

    replaced = await replace(owner_id, image.id, NEW, current, MongoQueue())
    await delete_leftovers(owner_id, current, storage)

    assert (replaced.storage.kind, await keys_in(storage)) == ("another", set())
    assert await keys_in(current) == {replaced.storage.key}


async def test_a_log_that_had_ended_is_open_again(swap, storage, image):
    await developer(storage).run(development(image))
    assert all(event.expires_at for event in await Event.after(image.id, 0))

    await swap()
    assert [event.expires_at for event in await Event.after(image.id, 0)] == [None] * 5

    await developer(storage).run(development(image))
    assert all(event.expires_at > datetime.now(UTC) for event in await Event.after(image.id, 0))


async def test_the_same_bytes_again_have_a_place_of_their_own(swap, storage, image, owner_id):
    replaced = await swap(OLD)

    assert replaced.answers_duplicates
    await nothing_is_left_but_what_is_referred_to(storage, owner_id)
    assert await kept_in(storage, replaced.storage.key) == OLD


async def test_who_has_the_old_bytes_too_answers_for_them(storage, owner_id):
    first = (await take_in(owner_id, OLD, storage)).image
    second = (await take_in(owner_id, NEW, storage)).image
    assert not (await replace(owner_id, second.id, OLD, storage)).answers_duplicates

    await replace(owner_id, first.id, NEW, storage)

    again = await take_in(owner_id, OLD, storage)
    assert (again.duplicate, again.image.id) == (True, second.id)
    again = await take_in(owner_id, NEW, storage)
    assert (again.duplicate, again.image.id) == (True, first.id)


async def test_an_image_that_is_gone_is_replaced_by_nothing(swap, storage, image, owner_id):
    await upkeep.delete(owner_id, image.id, MongoQueue())

    assert await swap() is None

    assert await keys_in(storage) == {image.storage.key}


async def test_room_is_needed_for_what_is_larger_only(swap, image, storage, owner_id):
    assert await swap(NEW, limited_to(len(NEW)))

    with pytest.raises(QuotaExceededError):
        await swap(THIRD, limited_to(len(THIRD) - 1))

    assert await Tally.of_owner(owner_id) == Share(1, len(NEW))
    assert (await Image.get(image.id)).size_bytes == len(NEW)


async def test_new_bytes_that_cannot_be_deleted_again_are_remembered(
    swap, storage, image, owner_id, monkeypatch
):
    async def stuck(key):
        raise StorageError("stuck")

    with monkeypatch.context() as broken:
        broken.setattr(storage, "delete", stuck)
        with pytest.raises(QuotaExceededError):
            await fill_and_swap(swap, owner_id)

    assert len(await keys_in(storage)) == 2
    await nothing_is_left_but_what_is_referred_to(storage, owner_id)


async def fill_and_swap(swap, owner_id):
    quota = limited_to(len(OLD))
    reservation = type(quota.reservation(owner_id))
    expect = reservation.expect
    reservation.expect = lambda *_: asyncio.sleep(0)  # as if others had been quicker by now
    try:
        await swap(NEW, quota)
    finally:
        reservation.expect = expect
