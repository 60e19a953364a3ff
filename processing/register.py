"""Remembers new images: document, first event, share and work as one, several uploads in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from beanie import PydanticObjectId

from failpoints import failpoint
from group_commit import GroupCommit
from models import transactions
from models.event import Event
from models.image import Image
from models.tally import Tally
from models.transactions import Transaction
from processing.queue.base import WorkItem, WorkQueue

DEVELOP = "develop"


class Register:
    """Where an image begins to exist."""

    def __init__(self, queue: WorkQueue) -> None:
        self._queue = queue
        self._group = GroupCommit(self._enter_all)

    async def enter(self, image: Image) -> None:
        """When it returns, the image is durable and its development is waiting for a worker.

        Raises:
            DuplicateImageError: The owner has an image of these bytes.
            OutcomeUnknownError: It may have been remembered; after any other exception it was not.
        """
        await self._group.add(image)
        failpoint("ingest.committed")

    async def _enter_all(self, images: Sequence[Image]) -> None:
        async def write(transaction: Transaction) -> None:
            await Image.add(images, transaction)
            await Event.record([_stored(image) for image in images], transaction)
            await Tally.add(_lines(images), transaction)
            await self._queue.publish([_work(image) for image in images], transaction)
            failpoint("ingest.committing")

        await transactions.run(write)


def _stored(image: Image) -> Event:
    return Event(
        owner_id=image.owner_id,
        subject_id=PydanticObjectId(image.id),
        sequence=image.sequence,
        stage=image.stage,
    )


def _work(image: Image) -> WorkItem:
    return WorkItem(DEVELOP, PydanticObjectId(image.id), image.owner_id, id=PydanticObjectId())


def _lines(images: Iterable[Image]) -> list[Tally]:
    """One line an owner."""
    sizes: dict[PydanticObjectId, list[int]] = defaultdict(list)
    for image in images:
        sizes[image.owner_id].append(image.size_bytes)
    return [
        Tally(owner_id=owner_id, image_count=len(of_owner), stored_bytes=sum(of_owner))
        for owner_id, of_owner in sizes.items()
    ]
