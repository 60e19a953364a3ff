"""What an answer still waits for: values that come later are gathered over the whole answer, and put where they belong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from engine.plans.departing import depart, let_go

Complete = Callable[[Any], Any]
Place = dict[str, Any]


class Awaited:
    """One field's values that have to be awaited, each with the object of the answer that it goes into."""

    def __init__(self, key: str, complete: Complete) -> None:
        self._key = key
        self._complete = complete
        self.items: list[tuple[Awaitable[Any], Place]] = []

    async def settle(self) -> None:
        """Awaits all of them together. A fault of any is raised once all have come."""
        items = self.items.copy()
        self.items.clear()
        if len(items) == 1:
            values = [await items[0][0]]
        else:
            values = await asyncio.gather(*(value for value, _ in items), return_exceptions=True)
        for value, (_, place) in zip(values, items, strict=True):
            if isinstance(value, BaseException):
                raise value
            place[self._key] = self._complete(value)

    def abandon(self) -> None:
        """Lets go of what will not be awaited."""
        for value, _ in self.items:
            let_go(value)


class Loaded:
    """One field's values that are loaded for all of their parents at once."""

    def __init__(
        self, key: str, complete: Complete, load: Callable[[Sequence[Any]], Awaitable[Sequence[Any]]]
    ) -> None:
        self._key = key
        self._complete = complete
        self._load = load
        self.items: list[tuple[Any, Place]] = []

    async def settle(self) -> None:
        """Loads them; what several parents share is completed once."""
        items = self.items.copy()
        self.items.clear()
        values = await self._load([parent for parent, _ in items])
        if len(values) != len(items):
            depart()
        completed: dict[int, Any] = {}
        for value, (_, place) in zip(values, items, strict=True):
            if id(value) not in completed:
                completed[id(value)] = self._complete(value)
            place[self._key] = completed[id(value)]

    def abandon(self) -> None:
        """Nothing was begun."""


async def settle(waiting: Sequence[Awaited | Loaded]) -> None:
    """Goes on until nothing is waited for: what has come may wait for more."""
    while due := [each for each in waiting if each.items]:
        if len(due) == 1:
            await due[0].settle()
            continue
        outcomes = await asyncio.gather(*(each.settle() for each in due), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
