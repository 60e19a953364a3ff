"""Whatever an owner does at once, in whatever order: nothing drifts from what a recount would say."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from beanie import PydanticObjectId
from hypothesis import given, settings
from hypothesis import strategies as st

from models.change import Change
from models.image import Image, ImageState, Shelf
from models.tally import Share, Tally
from models.work import Work
from processing import upkeep
from processing.item import DevelopImage
from processing.leftovers import DELETE_LEFTOVER, DeleteLeftover
from processing.purge import PURGE_IMAGE, PurgeImage
from processing.queue.base import WorkItem
from processing.queue.mongo import MongoQueue
from processing.register import DEVELOP
from storage.adapters import Storages
from storage.memory import MemoryStorage
from tests import pictures
from tests.processing.in_process import InProcess
from tests.processing.taking_in import replace, take_in

pytestmark = pytest.mark.mongo
PHOTOS = [pictures.jpeg(8, 8, seed=seed) for seed in range(2)]
ACTIONS = ["upload", "replace", "trash", "restore", "delete", "develop", "fail"]
STEPS = st.lists(
    st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 3)), min_size=1, max_size=5),
    min_size=1,
    max_size=6,
)


class Owner:
    """Somebody with a storage of their own, who does many things at once."""

    def __init__(self):
        self.id = PydanticObjectId()
        self.storage, self.queue = MemoryStorage(), MongoQueue()
        self.image_ids = []

    async def do(self, action, number):
        """The action on the image of that number, counted round."""
        if action == "upload" or not self.image_ids:
            await self.upload(PHOTOS[number % len(PHOTOS)])
            return
        image_id = self.image_ids[number % len(self.image_ids)]
        work = WorkItem(DEVELOP, image_id, self.id, id=PydanticObjectId())
        handler = DevelopImage(Storages(self.storage), self.queue, InProcess())
        await {
            "replace": lambda: replace(self.id, image_id, PHOTOS[number % 2], self.storage, self.queue),
            "trash": lambda: upkeep.trash(self.id, image_id),
            "restore": lambda: upkeep.restore(self.id, image_id),
            "delete": lambda: upkeep.delete(self.id, image_id, self.queue),
            "develop": lambda: handler.run(work),
            "fail": lambda: handler.give_up(work),
        }[action]()

    async def upload(self, content):
        ingested = await take_in(self.id, content, self.storage, self.queue)
        if not ingested.duplicate:
            self.image_ids.append(ingested.image.id)

    async def purge(self):
        storages = Storages(self.storage)
        handlers = {PURGE_IMAGE: PurgeImage(storages), DELETE_LEFTOVER: DeleteLeftover(storages)}
        for work in await Work.find({"owner_id": self.id, "kind": {"$in": list(handlers)}}).to_list():
            item = WorkItem(work.kind, work.subject_id, self.id, id=work.id)
            await handlers[work.kind].run(item)


async def with_three_of_equal_bytes():
    """An owner in whose gallery the last of three images answers for all; the first is in the trash."""
    owner = Owner()
    for number in range(3):
        await owner.upload(PHOTOS[0])
        if number < 2:
            await owner.do("trash", number)
    await owner.do("restore", 1)
    return owner


@given(steps=STEPS)
@settings(max_examples=max(10, settings().max_examples // 8))
async def test_counts_duplicates_and_bytes_are_exact_after_all_that_is_done_at_once(database, steps):
    owner = await with_three_of_equal_bytes()

    for step in steps:
        await asyncio.gather(*(owner.do(action, number) for action, number in step))
        images = await Image.find({"owner_id": owner.id}).to_list()
        await _counts_are_exact(owner, images)
        _exactly_one_answers(images)

    images = await Image.find({"owner_id": owner.id}).to_list()
    await _bytes_are_exact(owner, images)


async def _counts_are_exact(owner, images):
    live = [image for image in images if image.shelf == Shelf.GALLERY]
    assert await Tally.of_owner(owner.id) == Share(len(live), sum(image.size_bytes for image in images))
    changes = Counter([change.kind for change in await Change.find({"owner_id": owner.id}).to_list()])
    assert len(owner.image_ids) + changes["ADDED"] - changes["REMOVED"] == len(live)
    assert all((image.trashed_at is None) == (image.shelf == Shelf.GALLERY) for image in images)


def _exactly_one_answers(images):
    for checksum in {image.checksum_sha256 for image in images}:
        same_bytes = [image for image in images if image.checksum_sha256 == checksum]
        fit = [
            image for image in same_bytes if image.shelf == Shelf.GALLERY and image.state != ImageState.FAILED
        ]
        answering = [image for image in same_bytes if image.answers_duplicates]
        assert len(answering) == min(1, len(fit))
        assert all(image in fit for image in answering)


async def _bytes_are_exact(owner, images):
    await owner.purge()
    used = {image.storage.key for image in images}
    used |= {variant.key for image in images for variant in image.variants}
    assert {stored.key async for stored in owner.storage.list("")} == used
