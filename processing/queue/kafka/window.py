"""Which items of a topic were announced and are not taken yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from math import inf

from beanie import PydanticObjectId

from models.work import InLine

AGAIN_SECONDS = 5.0
LONGEST_AGAIN_SECONDS = 300.0


@dataclass(frozen=True)
class Turn:
    """One time that an item is announced. Numbers name partitions: each next turn goes to the next one, and so to
    another worker, in case the last one is busy.
    """

    item: InLine
    number: int
    times: int = 1


@dataclass(frozen=True)
class _Announced:
    turn: Turn
    again_at: float


class Window:
    """The beginning of a topic's line. An item is announced once for each of its dates, and again when nobody takes it.

    Times are those of one clock, in seconds.
    """

    def __init__(self) -> None:
        self._announced: dict[tuple[PydanticObjectId, datetime], _Announced] = {}
        self._numbers = count()

    def due(self, line: Sequence[InLine], now: float) -> list[Turn]:
        """What of the beginning of the line is to be announced now."""
        ready = {(item.id, item.ready_at): item for item in line if item.left_seconds <= 0}
        self._announced = {key: told for key, told in self._announced.items() if key in ready}
        return [turn for key, item in ready.items() if (turn := self._next_turn(key, item, now))]

    def remember(self, turns: Sequence[Turn], now: float) -> None:
        """These were announced."""
        for turn in turns:
            again_seconds = min(AGAIN_SECONDS * 2 ** (turn.times - 1), LONGEST_AGAIN_SECONDS)
            self._announced[turn.item.id, turn.item.ready_at] = _Announced(turn, now + again_seconds)

    def seconds_until_again(self, now: float) -> float:
        """How long until something is to be announced again, unless it is taken; for ever, if there is nothing."""
        return min((told.again_at - now for told in self._announced.values()), default=inf)

    def _next_turn(self, key: tuple[PydanticObjectId, datetime], item: InLine, now: float) -> Turn | None:
        told = self._announced.get(key)
        if told is None:
            return Turn(item, next(self._numbers))
        if told.again_at > now:
            return None
        return Turn(item, told.turn.number + 1, min(told.turn.times + 1, 10))
