"""Staged uploads as the resolvers and the housekeeping treat them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from models.image import Image
from models.leftover import Leftover
from models.values import MetadataPolicy
from models.work import Topic
from processing import staging
from processing.idempotency import IdempotencyKeys, Kept, KeyedInput
from processing.ingest import Intake, Labels, unasked
from processing.leftovers import DeleteLeftover
from processing.queue.memory import MemoryQueue
from processing.quota import limited_to
from processing.register import Register
from processing.staging import Staging
from storage.adapters import Storages
from storage.memory import MemoryStorage
from tests import pictures
from tests.processing.taking_in import LIMITS

PHOTO = pictures.jpeg(seed=80)
SIZE = len(PHOTO)
NOTHING_SAID = Labels(None, [], MetadataPolicy.STRIP_ALL)


async def pieces(*parts):
    for part in parts:
        yield part


class Another(MemoryStorage):
    kind = "another"


def staging_in(*storages):
    current, *others = storages
    intake = Intake(current, Register(MemoryQueue()), LIMITS, limited_to(None))
    return Staging(Storages(current, {other.kind: lambda o=other: o for other in others}), intake)


async def complete(ours, stage, confirm=unasked):
    """As the resolver does."""
    keyed = KeyedInput(stage.owner_id, "completeStagedUpload", str(stage.id), {})
    async with IdempotencyKeys().held(keyed) as held:
        if isinstance(held, Kept):
            return Image.model_validate(held.answer["image"])
        return (await ours.complete(stage, NOTHING_SAID, confirm, held)).image


async def keys_of(storage):
    return [stored.key async for stored in storage.list("")]


async def move(stage, *, expired_since):
    """As if its time had been over for so long."""
    await stage.set({"expires_at": datetime.now(UTC) - expired_since})


async def sweep_and_delete(*storages):
    queue, others = MemoryQueue(), await Leftover.count()
    await staging.sweep(queue)
    deleting = DeleteLeftover(Storages(storages[0], {s.kind: lambda s=s: s for s in storages}))
    while await Leftover.count() > others:
        (leased,) = await asyncio.wait_for(queue.consume(Topic.UPLOADS, 1), 5)
        await deleting.run(leased.item)
