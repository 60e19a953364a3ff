"""What watches over each attempt at a work item, whatever kind of work it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from structlog.contextvars import bind_contextvars, clear_contextvars

from processing.counts import WorkCounts
from processing.queue.base import WorkItem
from processing.runner import Handler


@dataclass(frozen=True)
class Attendance:
    """How the attempts of a process are watched over.

    Attributes:
        subjects: What the subject of each kind of work is, in the log's words.
        counts: Where attempts are counted.
        around: What else is to be around each.
    """

    subjects: Mapping[str, str]
    counts: WorkCounts = field(default_factory=WorkCounts)
    around: Callable[[WorkItem], AbstractContextManager[None]] = lambda _: nullcontext()

    def of(self, handlers: Mapping[str, Handler]) -> dict[str, Handler]:
        """The same handlers, watched over."""
        return {kind: Attended(handler, self) for kind, handler in handlers.items()}


class Attended:
    """A handler whose attempts are counted, and whose log lines say what they belong to.

    What is bound stays until the lane takes up its next item, so the runner's own lines about this one have it too.
    """

    def __init__(self, handler: Handler, attendance: Attendance) -> None:
        self._handler = handler
        self._attendance = attendance
        self.max_attempts = handler.max_attempts

    async def run(self, item: WorkItem) -> None:
        """As the handler does."""
        self._bind(item)
        with self._attendance.counts.attempt(item.kind), self._attendance.around(item):
            await self._handler.run(item)

    async def give_up(self, item: WorkItem) -> None:
        """As the handler does."""
        self._bind(item)
        await self._handler.give_up(item)
        self._attendance.counts.given_up[item.kind] += 1

    def _bind(self, item: WorkItem) -> None:
        subject = self._attendance.subjects[item.kind]
        clear_contextvars()
        bind_contextvars(work=item.kind, item=str(item.id), **{subject: str(item.subject_id)})
