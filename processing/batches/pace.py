"""How long a batch will still take, judged by how long it has taken so far."""

from __future__ import annotations

import math
from datetime import datetime

from models.batch import Batch, Pace

ENOUGH_SHARE, ENOUGH_SECONDS = 0.02, 5.0
"""Before so much of a round has ended or has been worked on for so long, nothing is said."""


def eta_seconds(batch: Batch, at: datetime) -> int | None:
    """Of work, if it goes on as before; None for a batch that rests, and where there is too little to judge by."""
    pace, counts = batch.pace, batch.counts
    if pace.since is None:
        return None
    ended, left = counts.ended - pace.ended_before, counts.pending + counts.running
    seconds = worked_seconds(pace, at)
    if ended <= 0 or seconds <= 0:
        return None
    if ended < ENOUGH_SHARE * (ended + left) and seconds < ENOUGH_SECONDS:
        return None
    return math.ceil(left * seconds / ended)


def begun(pace: Pace, at: datetime) -> Pace:
    """Work goes on."""
    return pace if pace.since else pace.model_copy(update={"since": at})


def rested(pace: Pace, at: datetime) -> Pace:
    """Work stops for now."""
    return pace.model_copy(update={"since": None, "seconds": worked_seconds(pace, at)})


def worked_seconds(pace: Pace, at: datetime) -> float:
    """How long has been worked in this round."""
    return pace.seconds + ((at - pace.since).total_seconds() if pace.since else 0.0)
