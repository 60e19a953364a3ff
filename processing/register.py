"""Remembers new images: document, first event, share and work as one, several uploads in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from beanie import PydanticObjectId

import tracing
from failpoints import failpoint
from group_commit import GroupCommit
from models import transactions
from models.event import Event
from models.image import Image, Shelf
from models.tally import Tally
from models.transactions import Transaction
from processing.idempotency import Keeper
from processing.queue.base import WorkItem, WorkQueue
from processing.quota import Reservation

DEVELOP = "develop"
COMPANY_SECONDS = 0.05
"""How long an upload waits for others: for those whose bytes have all come and are being stored, long enough for a
provider beside us, and for as many as shared the last transaction, if so many are under way. Against a company that
leaves after 20 ms it saves a tenth of the processor time of an upload of 1 MB."""


@dataclass(frozen=True)
class Entry:
    """A new image, the room that it takes up, and who, if anybody, keeps the answer."""

    image: Image
    reservation: Reservation
    keeper: Keeper | None
    trace: str | None = field(default_factory=tracing.current)


class Register:
    """Where an image begins to exist; `queue` is told what is to be done about it."""

    def __init__(self, queue: WorkQueue) -> None:
        self.queue = queue
        self._under_way: set[Hashable] = set()
        self._group = GroupCommit(
            self._enter_all, company_seconds=COMPANY_SECONDS, under_way=self._under_way.__len__
        )

    @contextmanager
    def announced(self, image_id: PydanticObjectId) -> Iterator[Callable[[], None]]:
        """What to call once the image is about to be entered: others wait a moment for it, to share a transaction.

        Behind the block nobody does.
        """
        self._under_way.add(image_id)
        try:
            yield partial(self._group.announce, image_id)
        finally:
            self._under_way.discard(image_id)
            self._group.withdraw(image_id)

    async def enter(self, entry: Entry) -> None:
        """When it returns, the image is durable and its development is waiting for a worker.

        Raises:
            DuplicateImageError: The owner has an image of these bytes.
            LeaseLostError: Somebody else may be taking the image in under the same idempotency key.
            OutcomeUnknownError: It may have been remembered; after any other exception it was not.
        """
        self._under_way.discard(entry.image.id)
        await self._group.add(entry, entry.image.id)

    async def _enter_all(self, entries: Sequence[Entry]) -> None:
        async def write(transaction: Transaction) -> None:
            await Image.add([entry.image for entry in entries], transaction)
            await Event.record([entered(entry.image) for entry in entries], transaction)
            await Tally.add([line(entry, image_count=1) for entry in entries], transaction)
            await self.queue.publish(
                [development(entry.image, entry.trace) for entry in entries], transaction
            )
            for entry in entries:
                if entry.keeper:
                    await entry.keeper.keep(
                        entry.image.checksum_sha256, answer(entry.image, duplicate=False), transaction
                    )
            failpoint("ingest.committing")

        await transactions.run(write)


def answer(image: Image, *, duplicate: bool) -> dict[str, object]:
    """What an idempotency key keeps of an upload, so that it is answered again field for field."""
    return {"image": image.model_dump(exclude={"revision_id"}), "duplicate": duplicate}


def entered(image: Image) -> Event:
    """The event of the stage that an image has just reached."""
    return Event(
        owner_id=image.owner_id,
        subject_id=PydanticObjectId(image.id),
        sequence=image.sequence,
        stage=image.stage,
        in_gallery=image.home is Shelf.GALLERY,
    )


def development(image: Image, trace: str | None = None) -> WorkItem:
    """The work that an image with a new original waits for."""
    return WorkItem(DEVELOP, PydanticObjectId(image.id), image.owner_id, id=PydanticObjectId(), trace=trace)


def line(entry: Entry, *, image_count: int) -> Tally:
    """What the owner's tally says of it: its bytes, and whether the gallery has an image more."""
    image = entry.image
    return entry.reservation.used_by(
        Tally(owner_id=image.owner_id, image_count=image_count, stored_bytes=image.size_bytes)
    )
