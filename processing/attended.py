"""What watches over each attempt at a work item, whatever kind of work it is."""

from __future__ import annotations

from structlog.contextvars import bind_contextvars, clear_contextvars

from processing.counts import WorkCounts
from processing.queue.base import WorkItem
from processing.runner import Handler


class Attended:
    """A handler whose attempts are counted, and whose log lines say what they belong to.

    What is bound stays until the lane takes up its next item, so the runner's own lines about this one have it too.

    Args:
        handler: Does the work.
        counts: Where its attempts are counted.
        subject: What the subject of its items is, in the log's words.
    """

    def __init__(self, handler: Handler, counts: WorkCounts, subject: str) -> None:
        self._handler = handler
        self._counts = counts
        self._subject = subject
        self.max_attempts = handler.max_attempts

    async def run(self, item: WorkItem) -> None:
        """As the handler does."""
        self._bind(item)
        with self._counts.attempt(item.kind):
            await self._handler.run(item)

    async def give_up(self, item: WorkItem) -> None:
        """As the handler does."""
        self._bind(item)
        await self._handler.give_up(item)
        self._counts.given_up[item.kind] += 1

    def _bind(self, item: WorkItem) -> None:
        clear_contextvars()
        bind_contextvars(work=item.kind, item=str(item.id), **{self._subject: str(item.subject_id)})
