"""Work under an idempotency key that leaves a mark for each time it is really done. Also a program of its own."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta

from beanie import PydanticObjectId
from pymongo import AsyncMongoClient

import failpoints
import models
from models import transactions
from models.idempotency import IdempotencyKey
from models.tally import Tally
from processing.idempotency import Hold, IdempotencyKeys, KeyedInput

CHECKSUM = "5" * 64


def keyed(viewer_id, key="k", mutation="uploadImage", **fields):
    return KeyedInput(PydanticObjectId(viewer_id), mutation, key, {"caption": None, "tags": [], **fields})


async def work(keys: IdempotencyKeys, asked: KeyedInput, answer, position=None):
    """The answer that the first of all who ask gives."""
    async with keys.held(asked, position) as held:
        if isinstance(held, Hold):
            await transactions.run(lambda transaction: _do(held, asked, answer, transaction))
            return answer
        return held.answer


async def _do(hold, asked, answer, transaction):
    await Tally.add([Tally(owner_id=asked.viewer_id, image_count=1)], transaction)
    await hold.keep(CHECKSUM, answer, transaction)


async def times_done(viewer_id) -> int:
    return (await Tally.of_owner(PydanticObjectId(viewer_id))).image_count


async def stored(viewer_id):
    return await IdempotencyKey.get(IdempotencyKey.id_at(keyed(viewer_id).key_id, None))


async def end_lease(viewer_id):
    """As if the claimer had not been heard of for long enough."""
    await (await stored(viewer_id)).set({"expires_at": datetime.now(UTC) - timedelta(seconds=1)})


def refuse():
    raise LookupError


async def waiting(keys, viewer_id, answer):
    """A request that waits, and is seen to do so."""
    task = asyncio.create_task(work(keys, keyed(viewer_id), answer))
    while not keys._waiting:  # noqa: ASYNC110 - nothing else says that a request waits
        await asyncio.sleep(0)
    return task


async def main(uri: str, database: str, viewer_id: str, name: str, faults: str = "") -> None:
    """Asks five times at once, and prints the answers."""
    async with AsyncMongoClient(uri, tz_aware=True) as client:
        await models.prepare(client[database])
        failpoints.arm(failpoints.parsed(faults))
        keys, asked = IdempotencyKeys(), keyed(viewer_id)
        answers = await asyncio.gather(*(work(keys, asked, {"by": f"{name}{i}"}) for i in range(5)))
        print(*(answer["by"] for answer in answers))  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
