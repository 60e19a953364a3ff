"""Bytes of what was deleted for good, deleted too. Whatever is interrupted is done again from its beginning."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

import structlog
from beanie import PydanticObjectId

from failpoints import failpoint
from models import shelves, transactions
from models.adoption import Adoption
from models.allowance import Allowance
from models.change import Change
from models.event import Event
from models.staged_upload import StagedUpload
from models.tally import Tally
from models.transactions import Transaction
from processing.batches import forgetting
from processing.queue.base import WorkItem, WorkQueue
from storage import keys
from storage.base import Storage

PURGE_IMAGE = "purge_image"
PURGE_ACCOUNT = "purge_account"
MAX_ATTEMPTS = 1_000  # with the longest delay between them: a provider may be down for two days
IMAGES_PER_TRANSACTION = 100
AGAIN_AFTER_SECONDS = 60 * 60
"""A provider may not list yet what was put lately, and what is under way may come in behind a purge."""

FORGET_OWNER: Sequence[Callable[[PydanticObjectId], Awaitable[None]]] = (
    Tally.forget_owner,
    Change.forget_owner,
    Allowance.forget_owner,
    StagedUpload.forget_owner,
    Adoption.forget_owner,
)
"""What else is kept of an owner, collection by collection."""

log = structlog.get_logger()


def account(user_id: PydanticObjectId) -> WorkItem:
    """The work of removing all that a user who is gone had; the same item each time, so that it waits only once."""
    return WorkItem(PURGE_ACCOUNT, user_id, user_id, id=user_id)


async def account_gone(user_id: PydanticObjectId, queue: WorkQueue, transaction: Transaction) -> None:
    """If and when the transaction is committed, all that the user had is removed, and once more what was missed."""
    again = WorkItem(PURGE_ACCOUNT, user_id, user_id, id=PydanticObjectId())
    await queue.publish([account(user_id)], transaction)
    await queue.publish([again], transaction, delay_seconds=AGAIN_AFTER_SECONDS)


async def delete_bytes(
    storages: Iterable[Storage], owner_id: PydanticObjectId, image_id: PydanticObjectId
) -> None:
    """Deletes the originals and everything derived from them, wherever they lie: no document says where any more."""
    for storage in storages:
        for prefix in keys.prefixes_of_image(str(owner_id), str(image_id)):
            await _delete_under(storage, prefix)


class PurgeImage:
    """Deletes the bytes of an image whose document is deleted. `storages` are all that may hold some."""

    max_attempts = MAX_ATTEMPTS

    def __init__(self, storages: Iterable[Storage]) -> None:
        self._storages = storages

    async def run(self, item: WorkItem) -> None:
        """Deletes what is left."""
        await delete_bytes(self._storages, item.owner_id, item.subject_id)

    async def give_up(self, item: WorkItem) -> None:
        """Bytes are left over, and the dead letter says whose."""
        log.error("an image's bytes are left over", owner=str(item.owner_id), image=str(item.subject_id))


class PurgeAccount:
    """Removes all that a user who is gone had. `storages` are all that may hold bytes."""

    max_attempts = MAX_ATTEMPTS

    def __init__(self, storages: Iterable[Storage]) -> None:
        self._storages = storages

    async def run(self, item: WorkItem) -> None:
        """Batches first, so that no more images come. Then documents: an image that is gone is neither shown nor
        developed. Then whatever lies in storage.
        """
        await forgetting.forget_owner(item.owner_id)
        while image_ids := await shelves.some_of_owner(item.owner_id, IMAGES_PER_TRANSACTION):
            await _forget(image_ids)
        for storage in self._storages:
            for prefix in keys.prefixes_of_owner(str(item.owner_id)):
                await _delete_under(storage, prefix)
        for forget_owner in FORGET_OWNER:
            await forget_owner(item.owner_id)

    async def give_up(self, item: WorkItem) -> None:
        """Things of a departed user are left over, and the dead letter says whose."""
        log.error("a departed user's things are left over", owner=str(item.owner_id))


async def _forget(image_ids: Sequence[PydanticObjectId]) -> None:
    async def write(transaction: Transaction) -> None:
        await shelves.forget_all(image_ids, transaction)
        await Event.forget(image_ids, transaction)

    await transactions.run(write)


async def _delete_under(storage: Storage, prefix: str) -> None:
    async for stored in storage.list(prefix):
        await _delete(storage, stored.key)


async def _delete(storage: Storage, key: str) -> None:
    await storage.delete(key)
    failpoint("purge.deleted")
