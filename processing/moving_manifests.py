"""The manifests of batches moved from one storage to another, while batches are submitted, read and deleted.

As images are: copied under keys of their own and compared, then one transaction swaps, and remembers the old bytes to be
deleted later. Whoever is reading them meanwhile comes to the end.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from errors import ObjectNotFoundError, OutcomeUnknownError, StorageError
from models import manifests, transactions
from models.image import StoredAt
from models.manifests import Manifest
from models.transactions import Transaction
from processing import leftovers
from processing.copying import Copier, DamagedError
from processing.queue.base import WorkQueue
from storage import keys

OLD_BYTES_SECONDS = 60 * 60
MANIFESTS_PER_PART = 200
ATTEMPTS = 3
FIRST_PAUSE_SECONDS = 0.5
MOST_FAILURES = 100


@dataclass
class MovedManifests:
    """What came of it: why a manifest was not moved, by the id of its batch, and how many lie there still."""

    moved: int = 0
    problems: dict[str, str] = field(default_factory=dict)
    left: int = 0


async def move_all(copier: Copier, queue: WorkQueue) -> MovedManifests:
    """Moves all that lie in the source's kind of storage; ends early once MOST_FAILURES could not be moved."""
    result, kind, last = MovedManifests(), copier.source.kind, manifests.FIRST_ID
    while part := await manifests.lying_in(kind, last, MANIFESTS_PER_PART):
        for manifest in part:
            if len(result.problems) >= MOST_FAILURES:
                break
            try:
                result.moved += await _persistently(manifest, copier, queue)
            except (DamagedError, OutcomeUnknownError, StorageError) as error:
                if await manifests.is_named(manifest.batch_id, manifest.stored_at):
                    result.problems[str(manifest.batch_id)] = str(error) or type(error).__name__
        last = part[-1].batch_id
    result.left = await manifests.count_in(kind)
    return result


async def _persistently(manifest: Manifest, copier: Copier, queue: WorkQueue) -> bool:
    """Whether it was moved, in several attempts where a provider stumbles; or else its batch is gone."""
    pause = FIRST_PAUSE_SECONDS
    for _ in range(ATTEMPTS - 1):
        try:
            return await _move(manifest, copier, queue)
        except ObjectNotFoundError:
            raise
        except StorageError as error:
            if not error.retryable:
                raise
        await asyncio.sleep(pause)
        pause *= 2
    return await _move(manifest, copier, queue)


async def _move(manifest: Manifest, copier: Copier, queue: WorkQueue) -> bool:
    key = keys.next_manifest(str(manifest.owner_id), str(manifest.batch_id))
    copy = await copier.copy_alone(manifest.stored_at.key, key)
    try:
        moved = await _swap(manifest, copy.stored_at, queue)
    except OutcomeUnknownError:  # the batch may refer to the copy: stray bytes are better than none
        raise
    except Exception:
        await copier.discard(copy)
        raise
    if not moved:
        await copier.discard(copy)
    return moved


async def _swap(manifest: Manifest, stored_at: StoredAt, queue: WorkQueue) -> bool:
    async def write(transaction: Transaction) -> bool:
        if not await manifests.move(manifest, stored_at, transaction):
            return False
        await leftovers.remember(
            manifest.owner_id, [manifest.stored_at], queue, transaction, delay_seconds=OLD_BYTES_SECONDS
        )
        return True

    return await transactions.run(write)
