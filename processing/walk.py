"""All images and all objects side by side: at each image, what it names and what lies there.

Storages list in the order of keys, which is that of owners and images; documents are read in the same order. So all of
them are walked through at once, and only what belongs to one image is in memory.
"""

from __future__ import annotations

import heapq
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field

from models import holdings
from models.holdings import Holding
from storage import keys
from storage.base import Storage, StoredObject

Place = tuple[str, str]


@dataclass(frozen=True)
class Lying:
    """An object, and the adapter that listed it."""

    storage: Storage
    stored: StoredObject


@dataclass
class Stop:
    """An image, and the objects whose keys are of it; `holding` is None where there is no document."""

    owner_id: str
    image_id: str
    holding: Holding | None = None
    objects: list[Lying] = field(default_factory=list)


@dataclass
class Walk:
    """`foreign_count` is of objects met on the way whose keys are none of ours, which are passed by."""

    storages: Sequence[Storage]
    foreign_count: int = 0

    async def stops(self) -> AsyncGenerator[Stop, None]:
        """Every image that has a document or an object, once."""
        rooms = [self._objects(storage, room) for storage in self.storages for room in keys.IMAGE_ROOMS]
        stop: Stop | None = None
        async with aclosing(_merged([_documents(), *rooms])) as steps:
            async for place, met in steps:
                if stop is None or (stop.owner_id, stop.image_id) != place:
                    if stop:
                        yield stop
                    stop = Stop(*place)
                if isinstance(met, Holding):
                    stop.holding = met
                else:
                    stop.objects.append(met)
        if stop:
            yield stop

    async def _objects(self, storage: Storage, room: str) -> AsyncGenerator[tuple[Place, Lying], None]:
        async for stored in storage.list(f"{room}/"):
            if place := keys.image_of(stored.key):
                yield place, Lying(storage, stored)
            else:
                self.foreign_count += 1


async def _documents() -> AsyncGenerator[tuple[Place, Holding], None]:
    async for holding in holdings.in_order():
        yield (str(holding.owner_id), str(holding.image_id)), holding


async def _merged(
    sources: Iterable[AsyncGenerator[tuple[Place, Lying | Holding], None]],
) -> AsyncGenerator[tuple[Place, Lying | Holding], None]:
    """What the sources give, each in the order of places, in the order of places."""
    async with AsyncExitStack() as closing:
        heads = []
        for number, source in enumerate(sources):
            await closing.enter_async_context(aclosing(source))
            if first := await anext(source, None):
                heads.append((first[0], number, first[1], source))
        heapq.heapify(heads)
        while heads:
            place, number, met, source = heads[0]
            yield place, met
            if following := await anext(source, None):
                heapq.heapreplace(heads, (following[0], number, following[1], source))
            else:
                heapq.heappop(heads)
