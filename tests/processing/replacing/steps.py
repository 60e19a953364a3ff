"""Originals that take each other's place, and what is left of them."""

from __future__ import annotations

from models.image import Image
from models.leftover import Leftover
from models.work import Work
from processing.item import DevelopImage
from processing.leftovers import DELETE_LEFTOVER, DeleteLeftover
from processing.queue.base import WorkItem
from processing.queue.mongo import MongoQueue
from storage.adapters import Storages
from tests import pictures
from tests.processing.in_process import InProcess

OLD, NEW, THIRD = (pictures.jpeg(8 * n, 8, seed=n) for n in (1, 2, 3))


async def one_piece(content):
    yield content


async def keys_in(storage):
    return {stored.key async for stored in storage.list("")}


async def kept_in(storage, key):
    return b"".join([piece async for piece in storage.get(key)])


def developer(storage):
    return DevelopImage(Storages(storage), MongoQueue(), InProcess())


async def delete_leftovers(owner_id, *storages):
    for work in await Work.find({"owner_id": owner_id, "kind": DELETE_LEFTOVER}).to_list():
        handler = DeleteLeftover(Storages(storages[0], {other.kind: lambda o=other: o for other in storages}))
        await handler.run(WorkItem(work.kind, work.subject_id, owner_id, id=work.id))


async def nothing_is_left_but_what_is_referred_to(storage, owner_id):
    await delete_leftovers(owner_id, storage)
    images = await Image.find({"owner_id": owner_id}).to_list()
    used = {image.storage.key for image in images}
    used |= {variant.key for image in images for variant in image.variants}
    assert await keys_in(storage) == used
    assert await Leftover.find({"owner_id": owner_id}).count() == 0
