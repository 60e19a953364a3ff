"""Another original for an image: whatever else is under way comes before it or after it."""

from __future__ import annotations

import asyncio

import pytest

from errors import QuotaExceededError
from models.event import Event
from models.image import Image, ImageState
from models.tally import Share, Tally
from models.work import Work
from processing import item, upkeep
from processing.leftovers import DELETE_LEFTOVER, DeleteLeftover
from processing.purge import PurgeAccount
from processing.queue.base import WorkItem
from processing.queue.mongo import MongoQueue
from processing.quota import limited_to
from processing.register import DEVELOP
from storage import keys
from storage.adapters import Storages
from storage.memory import MemoryStorage
from tests import pictures
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


async def test_of_two_at_once_one_comes_after_the_other(swap, storage, image, owner_id):
    await asyncio.gather(swap(NEW), swap(THIRD), swap(NEW))

    now = await Image.get(image.id)
    assert now.sequence == 4
    assert await Tally.of_owner(owner_id) == Share(1, now.size_bytes)
    await nothing_is_left_but_what_is_referred_to(storage, owner_id)
    assert await kept_in(storage, now.storage.key) in (NEW, THIRD)


async def test_two_that_swap_their_bytes_answer_for_what_they_have(storage, owner_id):
    first = (await take_in(owner_id, OLD, storage)).image
    second = (await take_in(owner_id, NEW, storage)).image

    await asyncio.gather(
        replace(owner_id, first.id, NEW, storage), replace(owner_id, second.id, OLD, storage)
    )

    for content in (OLD, NEW):
        assert (await take_in(owner_id, content, storage)).duplicate


@pytest.mark.parametrize("rival", ["delete", "account"])
async def test_an_image_that_is_deleted_meanwhile_leaves_no_byte(swap, storage, image, owner_id, rival):
    storages = Storages(storage)

    async def leave():
        await PurgeAccount(storages).run(WorkItem("purge_account", owner_id, owner_id, id=owner_id))

    async def delete():
        await upkeep.delete(owner_id, image.id, MongoQueue())

    await asyncio.gather(swap(), {"delete": delete, "account": leave}[rival]())

    assert await Image.get(image.id) is None
    assert await Event.find({"subject_id": image.id}).count() == 0
    assert await Tally.of_owner(owner_id) == Share()
    for work in await Work.find({"owner_id": owner_id}).to_list():
        handler = {DEVELOP: developer(storage), DELETE_LEFTOVER: DeleteLeftover(storages)}.get(work.kind)
        if handler:
            await handler.run(WorkItem(work.kind, work.subject_id, owner_id, id=work.id))
    assert await keys_in(storage) == set()


@pytest.mark.parametrize("stage", ["PROBED", "VARIANTS_MADE", "READY"])
async def test_a_worker_that_still_has_the_old_original_changes_nothing(
    swap, storage, image, owner_id, monkeypatch, stage
):
    advance = item._advance
    replaced = []

    async def beaten(developed, to_stage, **changes):
        if to_stage == stage and not replaced:
            replaced.append(await swap())
        return await advance(developed, to_stage, **changes)

    monkeypatch.setattr(item, "_advance", beaten)
    await developer(storage).run(development(image))

    now = await Image.get(image.id)
    assert (now.state, now.variants, now.storage) == (ImageState.PROCESSING, [], replaced[0].storage)
    await developer(storage).run(development(image))
    assert (await Image.get(image.id)).state == ImageState.READY
    await nothing_is_left_but_what_is_referred_to(storage, owner_id)


async def test_what_a_killed_worker_had_made_of_the_old_original_is_deleted(swap, storage, image, owner_id):
    await swap()
    await delete_leftovers(owner_id, storage)
    await storage.put(keys.variant(image.storage.key, "thumbnail"), one_piece(b"too late"))

    await developer(storage).run(development(image))

    await nothing_is_left_but_what_is_referred_to(storage, owner_id)


async def test_what_is_being_made_of_a_later_original_stays(swap, storage, image, owner_id, monkeypatch):
    listing, later = storage.list, []

    async def overtaken(prefix):
        if not later:
            later.append(await swap(THIRD))
            await storage.put(keys.variant(later[0].storage.key, "thumbnail"), one_piece(b"soon needed"))
        async for stored in listing(prefix):
            yield stored

    monkeypatch.setattr(storage, "list", overtaken)
    await developer(storage).run(development(image))

    assert any(key.startswith(keys.variants_prefix(later[0].storage.key)) for key in await keys_in(storage))


async def test_a_smaller_original_that_comes_in_between_is_seen(swap, image, owner_id, monkeypatch):
    looks = []
    of_owner = Image.of_owner

    async def overtaken(*ids):
        found = await of_owner(*ids)
        looks.append(found)
        if len(looks) == 2:
            await replace(owner_id, image.id, OLD, MemoryStorage())
        return found

    quota = limited_to(len(THIRD))
    await swap(NEW)
    monkeypatch.setattr(Image, "of_owner", overtaken)
    await swap(THIRD, quota)

    assert len(looks) > 3
    assert await Tally.of_owner(owner_id) == Share(1, len(THIRD))


async def test_replacing_and_taking_in_at_once_never_keeps_more_than_the_quota(storage, owner_id):
    sizes = [len(pictures.jpeg(8 * n, 8, seed=20 + n)) for n in range(1, 9)]
    quota = limited_to(sum(sizes[:4]) + 40)
    images = [
        (await take_in(owner_id, pictures.jpeg(8 * n, 8, seed=20 + n), storage)).image for n in (1, 2, 3, 4)
    ]

    async def grow(number):
        content = pictures.jpeg(8 * (number % 4 + 5), 8, seed=40 + number)
        await replace(owner_id, images[number % 4].id, content, storage, None, quota)

    ended = await asyncio.gather(*(grow(number) for number in range(12)), return_exceptions=True)

    assert {type(end) for end in ended if end} <= {QuotaExceededError}
    kept = await Image.find({"owner_id": owner_id}).to_list()
    share = await Tally.of_owner(owner_id)
    assert share == Share(4, sum(image.size_bytes for image in kept))
    assert share.stored_bytes <= sum(sizes[:4]) + 40
