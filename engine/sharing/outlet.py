"""What goes out on one line: in order, at once while the client reads, and bounded while it does not."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sized
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from engine.sharing import eager

Item = TypeVar("Item", bound=Sized)
Turn = asyncio.Future[None]


class UnheardError(Exception):
    """Nobody hears what an operation has to say."""


class TooSlowError(Exception):
    """The client did not read for too long, or left too much waiting."""


class Voice(Protocol):
    """Whose word it is. What still waits when its voice falls silent does not go out."""

    is_silent: bool


@dataclass(frozen=True)
class OutletBounds:
    """How far a client may fall behind what it is told.

    Attributes:
        send_timeout_seconds: How long it may not read.
        max_waiting: How many things may wait for it.
        max_waiting_bytes: How large these may be together before the last one comes.
    """

    send_timeout_seconds: float = 20
    max_waiting: int = 1_000
    max_waiting_bytes: int = 4 * 1024 * 1024


class Outlet(Generic[Item]):
    """One line to one client, which holds up nobody but itself.

    Args:
        put: Hands one thing over to the server; waits while the client does not read.
        bounds: How far the client may fall behind.
        on_lost: Is told, once, why nothing goes out any more: `TooSlowError`, or what `put` raised.
        offer: As `put`, but where `put` would wait it gives False instead.

    Attributes:
        behind: Ends when the client has caught up; None while it keeps up.
    """

    def __init__(
        self,
        put: Callable[[Voice, Item], Coroutine[Any, Any, None]],
        bounds: OutletBounds,
        on_lost: Callable[[Exception], None],
        offer: Callable[[Item], bool] = lambda _: False,
    ) -> None:
        self._put = put
        self._bounds = bounds
        self._on_lost = on_lost
        self._offer = offer
        self._waiting: deque[tuple[Voice, Item, Turn | None]] = deque()
        self._waiting_bytes = 0
        self._turns: set[Turn] = set()
        self._is_closed = False
        self.behind: asyncio.Task[None] | None = None

    def push(self, voice: Voice, item: Item) -> None:
        """Sends it, and never waits: it may be left to wait by itself. Who is too far behind is let go."""
        if self._is_closed:
            return
        if self.behind is None:
            self._begin(voice, item, None)
        elif self._is_full:
            self._lose(TooSlowError())
        else:
            self._enqueue(voice, item, None)

    async def send(self, voice: Voice, item: Item) -> None:
        """Sends it and waits until it is handed over, as is for those who must go no faster than the client reads.

        Raises:
            UnheardError: The line is gone.
        """
        turn: Turn = asyncio.get_running_loop().create_future()
        self._turns.add(turn)
        try:
            if self._is_closed:
                raise UnheardError
            if self.behind is None:
                self._begin(voice, item, turn)
            else:
                self._enqueue(voice, item, turn)
            await turn
        finally:
            self._turns.discard(turn)

    async def close(self) -> None:
        """Drops what waits. What is sent from now on is unheard."""
        self._shut()
        if self.behind is not None:
            self.behind.cancel()
            await asyncio.wait({self.behind})
            self.behind = None  # a task that was cancelled before it ran did not say so

    @property
    def _is_full(self) -> bool:
        bounds = self._bounds
        return len(self._waiting) >= bounds.max_waiting or self._waiting_bytes > bounds.max_waiting_bytes

    def _begin(self, voice: Voice, item: Item, turn: Turn | None) -> None:
        try:
            rest = None if self._offer(item) else eager.begun(self._put(voice, item))
        except Exception as fault:  # noqa: BLE001 - whatever it is, it is of this line alone
            self._lose(fault)
            return
        if rest is None:
            _take(turn)
        else:
            self.behind = asyncio.create_task(self._catch_up(rest, turn))

    def _enqueue(self, voice: Voice, item: Item, turn: Turn | None) -> None:
        self._waiting.append((voice, item, turn))
        self._waiting_bytes += len(item)

    async def _catch_up(self, rest: Awaitable[None], turn: Turn | None) -> None:
        try:
            await self._in_time(rest)
            _take(turn)
            while self._waiting:
                voice, item, turn = self._waiting.popleft()
                self._waiting_bytes -= len(item)
                if not voice.is_silent:
                    await self._in_time(self._put(voice, item))
                _take(turn)
        except Exception as fault:  # noqa: BLE001 - as above
            self._lose(fault)
        finally:
            self.behind = None

    async def _in_time(self, work: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(self._bounds.send_timeout_seconds):
                await work
        except TimeoutError as error:
            raise TooSlowError from error

    def _lose(self, fault: Exception) -> None:
        self._shut()
        self._on_lost(fault)

    def _shut(self) -> None:
        self._is_closed = True
        self._waiting.clear()
        for turn in self._turns:
            if not turn.done():
                turn.set_exception(UnheardError())


def _take(turn: Turn | None) -> None:
    if turn is not None and not turn.done():
        turn.set_result(None)
