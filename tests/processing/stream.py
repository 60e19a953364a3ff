"""What tests do to a change stream, and how they write what it tells."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from beanie import PydanticObjectId

from models.change import Change, ChangeKind
from models.event import Event
from models.transactions import run

WITHIN_SECONDS = 20


async def kill_streams(database) -> int:
    """Ends the database's change streams as a MongoDB in trouble does; gives how many there were."""
    places = {f"{database.name}.$cmd", f"{database.name}.$cmd.aggregate"}
    looks = await database.client.admin.aggregate([{"$currentOp": {"idleCursors": True}}])
    found = [look["cursor"] async for look in looks if look.get("ns") in places and "cursor" in look]
    ids = [c["cursorId"] for c in found if "$changeStream" in c["originatingCommand"]["pipeline"][0]]
    if ids:
        await database.command("killCursors", "$cmd.aggregate", cursors=ids)
    return len(ids)


async def until(happens: Callable[[], Awaitable[object]]) -> None:
    """Waits for what nobody announces."""
    async with asyncio.timeout(WITHIN_SECONDS):
        while not await happens():  # noqa: ASYNC110 - nothing to wait for but its effect
            await asyncio.sleep(0.01)


async def announce(owner_id, kind=ChangeKind.UPDATED, image_id=None) -> PydanticObjectId:
    """Writes a change as `deleteImage` and its like do; gives the image's id."""
    image_id = image_id or PydanticObjectId()
    await run(lambda transaction: Change.record(owner_id, image_id, kind, transaction))
    return image_id


async def develop(owner_id, image_id, sequence, stage) -> None:
    """Writes an event as a stage of development does."""
    event = Event(owner_id=owner_id, subject_id=image_id, sequence=sequence, stage=stage)
    await run(lambda transaction: Event.record([event], transaction))
