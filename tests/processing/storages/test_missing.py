"""Documents without bytes are reported, tallies that are wrong are put right."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from models.allowance import Allowance
from models.event import Event
from models.image import Image, ImageState
from models.tally import Share, Tally
from models.transactions import run
from models.user import User
from models.work import Work
from processing import reconcile, upkeep
from processing.item import DevelopImage
from processing.queue.memory import MemoryQueue
from processing.queue.mongo import MongoQueue
from processing.reconcile import Reconciliation
from processing.register import DEVELOP
from storage.adapters import Storages
from storage.memory import MemoryStorage
from tests.processing.in_process import InProcess
from tests.processing.storages import aging
from tests.processing.storages.aging import keys_of
from tests.processing.taking_in import development

pytestmark = pytest.mark.mongo
HOUR = timedelta(hours=1)


def look(*storages, dry_run=False, **options):
    return Reconciliation(storages, MongoQueue(), dry_run=dry_run, **options).run()


async def test_an_image_whose_original_is_missing_is_reported_and_kept(storage, developed, owner_id):
    image, whole = await developed(owner_id, 1), await developed(owner_id, 2)
    await storage.delete(image.storage.key)

    found = await look(storage)

    assert found.originals_missing.image_ids == [str(image.id)]
    assert not found.is_sound
    assert {i.id for i in await Image.find({"owner_id": owner_id}).to_list()} == {image.id, whole.id}


async def test_an_image_whose_presets_are_missing_is_developed_again(storage, developed, owner_id):
    image = await developed(owner_id)
    lost, kept = image.variants
    await storage.delete(lost.key)

    seen = await look(storage, dry_run=True)
    assert (await Image.get(image.id)).state == ImageState.READY
    found = await look(storage)

    again = await Image.get(image.id)
    assert seen.presets_missing == found.presets_missing
    assert found.presets_missing.image_ids == [str(image.id)]
    assert found.is_sound
    assert (again.state, again.variants) == (ImageState.PROCESSING, [kept])
    assert await Work.find({"kind": DEVELOP, "subject_id": image.id}).count() == 1
    await DevelopImage(Storages(storage), MemoryQueue(), InProcess()).run(development(again))
    ready = await Image.get(image.id)
    assert {ready.storage.key, *(variant.key for variant in ready.variants)} == await keys_of(storage)
    log = await Event.after(image.id, 0)
    assert [event.stage for event in log] == ["STORED", "PROBED", "VARIANTS_MADE", "READY"] * 2
    assert [event.sequence for event in log] == list(range(1, 9))


async def test_an_image_that_is_deleted_while_it_is_looked_for_lacks_nothing(
    storage, developed, owner_id, monkeypatch
):
    image, really = await developed(owner_id), reconcile._has

    async def too_late(storage, key):
        await Image.find({"_id": image.id}).delete()
        return await really(storage, key)

    await storage.delete(image.storage.key)
    monkeypatch.setattr(reconcile, "_has", too_late)

    assert (await look(storage)).is_sound


async def test_images_in_a_storage_that_is_not_set_up_are_out_of_reach_and_not_missing(developed, owner_id):
    await developed(owner_id)

    found = await look()

    assert found.out_of_reach.total() == 1
    assert (found.originals_missing.count, found.is_sound) == (0, False)


async def test_what_dead_puts_have_left_goes_when_it_is_old(database):
    storage = await aging.opened("gridfs", database, None)
    ages = {"old": timedelta(days=2), "young": timedelta(hours=2)}
    for by in ages.values():
        written = ObjectId.from_datetime(datetime.now(UTC) - by)
        await database["upkeep.chunks"].insert_one({"files_id": written, "n": 0, "data": b"x"})

    assert (await look(storage, dry_run=True, grace=HOUR)).remains == 1
    assert await database["upkeep.chunks"].count_documents({}) == 2
    assert (await look(storage, grace=HOUR)).remains == 1
    assert await database["upkeep.chunks"].count_documents({}) == 1


async def test_a_tally_that_is_wrong_is_corrected_and_one_that_is_right_is_not(database, developed):
    wrong, right = [await User(email=f"{n}@example.com", password_hash="").insert() for n in "wr"]
    image, _ = await developed(wrong.id, 1), await developed(wrong.id, 2)
    await upkeep.trash(wrong.id, image.id)
    whole = await developed(right.id, 3)
    real = await Tally.of_owner(wrong.id)
    await run(
        lambda transaction: Tally.add([Tally(owner_id=wrong.id, image_count=3, stored_bytes=-7)], transaction)
    )

    seen = await look(MemoryStorage(), dry_run=True)
    assert await Tally.of_owner(wrong.id) != real
    found = await asyncio.gather(*(look(MemoryStorage()) for _ in range(4)))

    assert await Tally.of_owner(wrong.id) == real
    assert await Tally.of_owner(right.id) == Share(1, whole.size_bytes)
    assert [(c.owner_id, c.by) for c in seen.corrections] == [(wrong.id, Share(-3, 7))]
    assert sum(len(findings.corrections) for findings in found) == 1


async def test_an_allowance_is_counted_anew_and_none_is_begun(developed):
    counted, uncounted = [await User(email=f"{n}@example.com", password_hash="").insert() for n in "cu"]
    image = await developed(counted.id)
    await Allowance.begin(counted.id, 7)

    assert (await look(MemoryStorage(), dry_run=True)).recounted == 0
    assert (await Allowance.of_owner(counted.id)).stored_bytes == 7
    assert (await look(MemoryStorage())).recounted == 1
    assert (await Allowance.of_owner(counted.id)).stored_bytes == image.size_bytes
    assert await Allowance.of_owner(uncounted.id) is None
