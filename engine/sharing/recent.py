"""What a stream said last, for those who are a little behind."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from engine.sharing.news import Said

MOST, MOST_BYTES = 16, 64 * 1024
MOST_SECONDS = 5.0
"""How old an answer may be: it says how things were when it was made."""


class Recent:
    """The last answers of a stream, without holes.

    Attributes:
        place: Up to where everything was said; None while nothing is known of places.
    """

    def __init__(self) -> None:
        self.place: Any = None
        self._said: deque[Said] = deque()
        self._size_bytes = 0
        self._since: Any = None

    def add(self, said: Said) -> None:
        """The next one."""
        self.reach(said.position)
        self._said.append(said)
        self._size_bytes += len(said.payload)
        while len(self._said) > MOST or self._size_bytes > MOST_BYTES:
            self._forget()

    def reach(self, position: Any) -> None:
        """Everything up to `position` was said."""
        self.place = position
        if self._since is None:
            self._since = position

    def leads_on_from(self, position: Any) -> bool:
        """Whether everything behind `position` is here or still to come."""
        while self._said and self._said[0].at_seconds < asyncio.get_running_loop().time() - MOST_SECONDS:
            self._forget()
        return self.place is not None and bool(position >= self._since)

    def behind(self, position: Any) -> list[Said]:
        """What is here of it."""
        return [said for said in self._said if said.position > position]

    def _forget(self) -> None:
        said = self._said.popleft()
        self._size_bytes -= len(said.payload)
        self._since = said.position
