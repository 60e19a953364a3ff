"""What is left to be done when a batch has finished, or is opened again."""

from __future__ import annotations

import structlog

from failpoints import failpoint
from models.batch import Batch
from models.batch_event import BatchEvent
from processing.queue.base import WorkItem
from processing.webhooks.announce import Announcer

MAX_ATTEMPTS = 300

log = structlog.get_logger()


class ConcludeBatch:
    """Sees to it that the end of a batch is told, and that its log is kept for as long as it should be."""

    max_attempts = MAX_ATTEMPTS

    def __init__(self, announcer: Announcer) -> None:
        self._announcer = announcer

    async def run(self, item: WorkItem) -> None:
        """Until the batch is as it was before: of two that are under way at once, the last one looks last."""
        batch: Batch | None = await Batch.get(item.subject_id)
        while batch:
            seen = batch.finished_at
            if batch.is_finished:
                await self._announcer.announce(batch)
            await BatchEvent.keep(item.subject_id, seen)
            failpoint("batch.concluding")
            batch = await Batch.get(item.subject_id)
            if batch and batch.finished_at == seen:
                return

    async def give_up(self, item: WorkItem) -> None:
        """The log is kept until the batch is deleted."""
        log.error("the log of a batch is kept", batch=str(item.subject_id))
