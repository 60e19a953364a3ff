"""How fast a client may talk: a flood of messages waits on the client's side of the wire, and holds up nobody else."""

from __future__ import annotations

import asyncio


class Pace:
    """Lets `burst` messages pass, and from then on so many a second as if they came evenly."""

    def __init__(self, burst: int, per_second: float) -> None:
        self._burst = burst
        self._per_second = per_second
        self._left = float(burst)
        self._clock = asyncio.get_running_loop().time
        self._at = self._clock()

    async def keep(self) -> None:
        """Waits until one more message may be read."""
        self._earn()
        if self._left < 1:
            await asyncio.sleep((1 - self._left) / self._per_second)
            self._earn()
        self._left -= 1

    def _earn(self) -> None:
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
        self._at = now
