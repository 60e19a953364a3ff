"""An image that lost what was made of its original: developed again, as after its upload."""

from __future__ import annotations

from collections.abc import Collection

from beanie import PydanticObjectId

from models import holdings, transactions
from models.event import Event
from models.holdings import Holding
from models.image import ImageStage, Shelf
from models.transactions import Transaction
from processing.queue.base import WorkItem, WorkQueue
from processing.register import DEVELOP


async def again(seen: Holding, absent_keys: Collection[str], queue: WorkQueue) -> bool:
    """Leads the image back to STORED, where it keeps the presets that are there; False if it has changed meanwhile."""
    kept = [variant for variant in seen.variants if variant.key not in absent_keys]
    work = WorkItem(DEVELOP, seen.image_id, seen.owner_id, id=PydanticObjectId())

    async def write(transaction: Transaction) -> bool:
        sequence = await holdings.start_over(seen, kept, transaction)
        if sequence is None:
            return False
        event = Event(
            owner_id=seen.owner_id,
            subject_id=seen.image_id,
            sequence=sequence,
            stage=ImageStage.STORED,
            in_gallery=seen.home is Shelf.GALLERY,
        )
        await Event.reopen(seen.image_id, transaction)
        await Event.record([event], transaction)
        await queue.publish([work], transaction)
        return True

    return await transactions.run(write)
