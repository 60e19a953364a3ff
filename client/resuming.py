"""A subscription that goes on behind what was last heard, whatever happens to its connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Final, TypeVar, cast

from client.errors import UNAUTHENTICATED, RefusedError, UnreachableError

FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 15.0

Event = TypeVar("Event")
Place = TypeVar("Place")


async def resumed(
    subscribe: Callable[[Place | None], AsyncIterator[Event]],
    place_of: Callable[[Event], Place],
    after: Place | None,
    *,
    renew: Callable[[], Awaitable[bool]],
    tell: Callable[[str], None],
) -> AsyncGenerator[Event, None]:
    """Each event once, in order, until the subscription completes.

    A connection that is lost is made anew, with ever longer pauses; one that never was is an error.

    Args:
        subscribe: Begins behind a place, or with the present state.
        place_of: Where an event stands.
        after: Where to begin.
        renew: Gets another token; False if there is no way to.
        tell: Is told what happened to the connection.

    Raises:
        RefusedError: Nobody may see it, or what is behind the last place is kept no longer.
        UnreachableError: The service could not be reached in the first place.
    """
    has_begun, pause_seconds = False, FIRST_PAUSE_SECONDS
    while True:
        try:
            async with aclosing(cast("AsyncGenerator[Event, None]", subscribe(after))) as events:
                async for event in events:
                    after, has_begun, pause_seconds = place_of(event), True, FIRST_PAUSE_SECONDS
                    yield event
        except UnreachableError as error:
            if not has_begun:
                raise
            tell(f"the connection was lost ({error}); once more")
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(2 * pause_seconds, LONGEST_PAUSE_SECONDS)
        except RefusedError as refusal:
            if refusal.code != UNAUTHENTICATED or not await renew():
                raise
        else:
            return
