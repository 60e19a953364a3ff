"""What becomes of an image that its owner has: described anew, put into the trash, taken out of it, deleted for good.

Each is one transaction: the document, the owner's tally, what is announced and what is still to be done, all or none.
So two at once, on one image or on images of the same bytes, come out as one after the other would.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from beanie import PydanticObjectId

from failpoints import failpoint
from models import shelves, transactions
from models.change import Change, ChangeKind
from models.event import Event
from models.image import Image, Shelf, StoredAt
from models.tally import Tally
from models.transactions import Transaction
from processing import leftovers
from processing.purge import PURGE_IMAGE
from processing.queue.base import WorkItem, WorkQueue


async def describe(
    owner_id: PydanticObjectId, image_id: PydanticObjectId, labels: Mapping[str, object]
) -> Image | None:
    """Sets `caption`, `tags` or both, wherever the image stands; None if it is not this owner's."""

    async def write(transaction: Transaction) -> Image | None:
        image = await Image.describe(owner_id, image_id, labels, transaction)
        if image and image.shelf == Shelf.GALLERY:
            await Change.record(owner_id, image_id, ChangeKind.UPDATED, transaction)
        return image

    return await transactions.run(write)


async def trash(owner_id: PydanticObjectId, image_id: PydanticObjectId) -> bool:
    """Puts the image into the trash, where it may be already; False if it is not this owner's."""

    async def write(transaction: Transaction) -> bool:
        image = await shelves.into_trash(owner_id, image_id, transaction)
        if image and image.home is Shelf.GALLERY:
            await Tally.add([Tally(owner_id=owner_id, image_count=-1)], transaction)
            await Change.record(owner_id, image_id, ChangeKind.REMOVED, transaction)
        return image is not None

    return await transactions.run(write) or await Image.of_owner(owner_id, image_id) is not None


async def restore(owner_id: PydanticObjectId, image_id: PydanticObjectId) -> Image | None:
    """The image, back where it came from, where it may be already; None if it is not this owner's."""

    async def write(transaction: Transaction) -> Image | None:
        image = await shelves.out_of_trash(owner_id, image_id, transaction)
        if image and image.shelf is Shelf.GALLERY:
            await Tally.add([Tally(owner_id=owner_id, image_count=1)], transaction)
            await Change.record(owner_id, image_id, ChangeKind.ADDED, transaction)
        return image

    return await transactions.run(write) or await Image.of_owner(owner_id, image_id)


async def delete(
    owner_id: PydanticObjectId,
    image_id: PydanticObjectId,
    queue: WorkQueue,
    *,
    trashed_before: datetime | None = None,
) -> bool:
    """Deletes the image for good; its bytes follow in the background, and are remembered until they are gone.

    With `trashed_before` only if it has been in the trash since then or longer. False if there was nothing to delete.
    """

    async def write(transaction: Transaction) -> bool:
        image = await shelves.forget(owner_id, image_id, transaction, trashed_before=trashed_before)
        if image:
            await _forgotten(image, queue, transaction)
        return image is not None

    deleted = await transactions.run(write)
    if deleted:
        failpoint("trash.committed")
    return deleted


async def leave_batch(
    owner_id: PydanticObjectId,
    image_id: PydanticObjectId,
    batch_id: PydanticObjectId,
    queue: WorkQueue,
    *,
    and_go: bool,
) -> None:
    """The batch is gone. An image that stands in no other list of its owner's comes into the gallery, or with `and_go`
    is deleted for good.
    """

    async def write(transaction: Transaction) -> None:
        image = await shelves.out_of_batch(owner_id, image_id, batch_id, transaction)
        if image is None or image.batch_ids or image.shelf is not Shelf.BATCH:
            return
        if and_go:
            await shelves.forget(owner_id, image_id, transaction)
            await _forgotten(image, queue, transaction)
            return
        await enter_gallery(image, transaction)

    await transactions.run(write)


async def enter_gallery(image: Image, transaction: Transaction) -> Image:
    """The image, which from now on stands in its owner's gallery if it only stood among those of batches."""
    owner_id, image_id = image.owner_id, PydanticObjectId(image.id)
    entered = await shelves.into_gallery(owner_id, image_id, transaction)
    if entered is None:
        return image
    await Tally.add([Tally(owner_id=owner_id, image_count=1)], transaction)
    await Change.record(owner_id, image_id, ChangeKind.ADDED, transaction)
    return entered


async def _forgotten(image: Image, queue: WorkQueue, transaction: Transaction) -> None:
    """What goes with an image's document."""
    owner_id, image_id = image.owner_id, PydanticObjectId(image.id)
    stood_in_gallery = image.shelf == Shelf.GALLERY
    if stood_in_gallery:
        await Change.record(owner_id, image_id, ChangeKind.REMOVED, transaction)
    less = Tally(owner_id=owner_id, image_count=-int(stood_in_gallery), stored_bytes=-image.size_bytes)
    await Tally.add([less], transaction)
    await Event.forget([image_id], transaction)
    purge = WorkItem(PURGE_IMAGE, image_id, owner_id, id=PydanticObjectId())
    await queue.publish([purge], transaction)
    await leftovers.remember(owner_id, _named(image), queue, transaction)  # a provider's list may lag behind


def _named(image: Image) -> list[StoredAt]:
    """Where the image says that its bytes lie."""
    presets = [StoredAt(kind=image.storage.kind, key=variant.key) for variant in image.variants]
    return [image.storage, *presets]
