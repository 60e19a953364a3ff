"""The trash, emptied of what has been in it long enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from beanie import PydanticObjectId

from models import shelves
from processing import upkeep
from processing.queue.base import WorkQueue

log = structlog.get_logger()


@dataclass
class Emptied:
    """How many images were deleted for good, the bytes of their originals, and how many could not be."""

    images: int = 0
    original_bytes: int = 0
    failed: int = 0


async def empty(
    queue: WorkQueue,
    before: datetime,
    *,
    owner_id: PydanticObjectId | None = None,
    passed: Callable[[], None] = lambda: None,
) -> Emptied:
    """Deletes for good what went into the trash, the owner's or everybody's, before that time.

    An image that cannot be deleted is logged, and keeps no other from it. `passed` is told of each image.
    """
    emptied = Emptied()
    async for image in shelves.expired(before, owner_id):
        try:
            deleted = await upkeep.delete(
                image.owner_id, PydanticObjectId(image.id), queue, trashed_before=before
            )
        except Exception as error:
            log.warning("image stays in the trash", image=str(image.id), reason=str(error), exc_info=error)
            emptied.failed += 1
        else:
            emptied.images += deleted
            emptied.original_bytes += image.size_bytes * deleted
        passed()
    return emptied
