"""Another original for an image: all that changes with it in one transaction, after which the old bytes are deleted."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

from beanie import PydanticObjectId

import tracing
from failpoints import failpoint
from models import originals, transactions
from models.event import Event
from models.image import Image
from models.originals import Swapped
from models.tally import Tally
from models.transactions import Transaction
from models.values import MetadataPolicy
from processing import leftovers
from processing.idempotency import Keeper
from processing.inspection import Received
from processing.queue.base import WorkQueue
from processing.quota import Reservation
from processing.register import answer, development, entered


@dataclass(frozen=True)
class Replacement:
    """A file that is to be an image's original from now on.

    `pieces` is read once; without a `metadata_policy` the image keeps its own; `confirm` raises if the sender may not
    send it any more.
    """

    owner_id: PydanticObjectId
    image_id: PydanticObjectId
    filename: str
    pieces: AsyncGenerator[bytes | memoryview, None]
    metadata_policy: MetadataPolicy | None
    confirm: Callable[[], Awaitable[None]]


async def swap(
    replacement: Replacement,
    received: Received,
    reservation: Reservation,
    keeper: Keeper | None,
    queue: WorkQueue,
) -> Image | None:
    """The image with its new original, durable; None if there is no such image of the owner's any more.

    Raises:
        RoomTooSmallError: The original that goes is smaller than the one that the room was reserved beside.
        LeaseLostError: Somebody else may be replacing it under the same idempotency key.
        OutcomeUnknownError: It may have been swapped; after any other exception it was not.
    """
    policy = replacement.metadata_policy
    facts = {**received.facts, **({"metadata_policy": policy} if policy else {})}

    async def write(transaction: Transaction) -> Image | None:
        swapped = await originals.swap(replacement.owner_id, replacement.image_id, facts, transaction)
        if swapped is None:
            return None
        await _remember(swapped, reservation, queue, transaction)
        if keeper:
            await keeper.keep(received.checksum_sha256, answer(swapped.new, duplicate=False), transaction)
        failpoint("replace.committing")
        return swapped.new

    return await transactions.run(write)


async def _remember(
    swapped: Swapped, reservation: Reservation, queue: WorkQueue, transaction: Transaction
) -> None:
    """What follows from the swap: an event in a log that is open again, the owner's share, and what is to be done."""
    old, new = swapped.old, swapped.new
    await Event.reopen(PydanticObjectId(new.id), transaction)
    await Event.record([entered(new)], transaction)
    grown = Tally(owner_id=new.owner_id, stored_bytes=new.size_bytes - old.size_bytes)
    await Tally.add([reservation.used_by(grown)], transaction)
    await queue.publish([development(new, tracing.current())], transaction)
    await leftovers.remember(new.owner_id, [old.storage], queue, transaction)
