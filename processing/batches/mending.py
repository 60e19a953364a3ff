"""Looks for units in nobody's hands. There should be none; one would keep its batch from ever ending."""

from __future__ import annotations

import contextlib

import structlog

from errors import LeaseLostError
from models.batch import now
from models.batch_unit import BatchUnit
from models.values import Failure
from models.work import Work
from processing.batches.outcomes import Ending, Outcomes, Postponed

LOST = Failure(code="WORK_LOST", message="The work was lost. It will be done again.", retryable=True)

log = structlog.get_logger()


class Mender:
    """Finds units that are RUNNING though their work is not waiting to be done, nor being done."""

    def __init__(self, outcomes: Outcomes) -> None:
        self._outcomes = outcomes

    async def hand_out_again(self) -> None:
        """Has them wait for another try.

        Units are read first: work goes only when its unit has ended, and a unit that has ended meanwhile cannot be
        ended under the same ticket again.
        """
        tickets = {unit.ticket: unit for unit in await BatchUnit.all_running() if unit.ticket}
        known = await Work.known(list(tickets))
        for ticket in tickets.keys() - known:
            unit = tickets[ticket]
            with contextlib.suppress(LeaseLostError):
                await self._outcomes.end(Ending(unit, ticket, Postponed(LOST, now())))
                log.error("the work of a unit was lost", batch=str(unit.batch_id), unit=str(unit.id))
