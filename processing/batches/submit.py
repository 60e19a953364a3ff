"""The entrance for batches: a manifest is read once, while it is being stored, and remembered with the work to do.

Bytes first, document second: a crash in between leaves a stray manifest, never a batch without one.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from beanie import PydanticObjectId
from structlog.contextvars import bind_contextvars

import tracing
from errors import InvalidManifestError, OutcomeUnknownError
from failpoints import failpoint
from models import transactions
from models.batch import Batch, Counts, Webhook, now
from models.batch_problems import BatchProblems, KeptProblem
from models.image import StoredAt
from models.transactions import Transaction
from models.values import Compression, MetadataPolicy
from processing import cleanup, filenames, leftovers
from processing.batches.expand import EXPAND
from processing.batches.passing import Passing
from processing.idempotency import Keeper
from processing.manifest import Limits, OnInvalidRow, Reading
from processing.queue.base import WorkItem, WorkQueue
from processing.quota import Quota
from storage import keys
from storage.base import Storage
from storage.summed import Summed

UNNAMED = "manifest.csv"
LEAST_ROOM_BYTES = 1
"""A batch is begun if there is room for anything at all: how much its images need, nobody knows yet."""

Pieces = AsyncGenerator[bytes | memoryview, None]


@dataclass(frozen=True)
class Terms:
    """How a manifest is to be worked on, and who is told when that is over."""

    compression: Compression
    on_invalid_row: OnInvalidRow
    metadata_policy: MetadataPolicy
    webhook: Webhook | None


@dataclass(frozen=True)
class Submission:
    """A manifest on its way in. `pieces` is read once; `confirm` raises if its sender may not send it any more."""

    owner_id: PydanticObjectId
    filename: str
    pieces: Pieces
    terms: Terms
    confirm: Callable[[], Awaitable[None]]


class Submissions:
    """Takes manifests in. One for a process.

    Args:
        storage: Where they go.
        queue: Where their expansion is asked for.
        limits: How much one may hold.
        quota: How much an owner may keep.
    """

    def __init__(self, storage: Storage, queue: WorkQueue, limits: Limits, quota: Quota) -> None:
        self._storage = storage
        self._queue = queue
        self._limits = limits
        self._quota = quota

    async def check(self, pieces: Pieces) -> Reading:
        """The manifest, read to its end and kept nowhere.

        Raises:
            FileTooLargeError, UnsupportedFormatError: It is none that can be read.
        """
        reading = Reading(pieces, self._limits)
        async with aclosing(pieces):
            async for _ in reading.rows():
                pass
        return reading

    async def take_in(self, submission: Submission, keeper: Keeper | None = None) -> Batch:
        """Makes a batch of a manifest. When it returns, the batch is durable and waits for a worker.

        Args:
            submission: The manifest.
            keeper: Keeps the answer, such as a hold on an idempotency key.

        Raises:
            FileTooLargeError, UnsupportedFormatError, InvalidManifestError, QuotaExceededError: Nothing is kept.
            UnauthenticatedError: The sender was signed out while the manifest came in. Nothing is kept.
        """
        owner_id, batch_id = submission.owner_id, PydanticObjectId()
        bind_contextvars(batch=str(batch_id))
        async with self._quota.reservation(owner_id) as reservation:
            await reservation.expect(LEAST_ROOM_BYTES)
        stored_at = StoredAt(kind=self._storage.kind, key=keys.manifest(str(owner_id), str(batch_id)))
        passing = await self._store(submission, stored_at.key)
        try:
            await submission.confirm()
            batch = _document(batch_id, submission, stored_at, passing.reading)
            await self._remember(batch, passing, keeper)
        except OutcomeUnknownError:  # there may be a batch now
            raise
        except Exception:
            deleting = leftovers.delete(owner_id, self._storage, stored_at.key, self._queue)
            await cleanup.to_the_end(deleting, "the manifest of a refusal")
            raise
        failpoint("submit.committed")
        return batch

    async def _store(self, submission: Submission, key: str) -> Passing:
        """The manifest, read; its bytes are durable."""
        passing = Passing(self._limits)
        async with aclosing(submission.pieces):
            accepted = _accepted(passing, submission)
            await self._storage.put(key, Summed(accepted, passing.sha256))
        failpoint("submit.stored")
        return passing

    async def _remember(self, batch: Batch, passing: Passing, keeper: Keeper | None) -> None:
        problems = _kept(batch, passing.reading)
        expansion = WorkItem(
            EXPAND, PydanticObjectId(batch.id), batch.owner_id, PydanticObjectId(), trace=tracing.current()
        )

        async def write(transaction: Transaction) -> None:
            await Batch.add(batch, transaction)
            if problems.problems:
                await BatchProblems.add(problems, transaction)
            await self._queue.publish([expansion], transaction)
            if keeper:
                await keeper.keep(passing.sha256().hex(), answer(batch), transaction)
            failpoint("submit.committing")

        await transactions.run(write)


def answer(batch: Batch) -> dict[str, object]:
    """What an idempotency key keeps of a submission, so that it is answered again field for field."""
    return {"batch": batch.model_dump(exclude={"revision_id"})}


def again(kept: Mapping[str, Any]) -> Batch:
    """What was answered before, from what the idempotency key kept of it."""
    batch: Batch = Batch.model_validate(kept["batch"])
    return batch


async def _accepted(passing: Passing, submission: Submission) -> AsyncGenerator[bytes | memoryview, None]:
    """The pieces; raises at their end, so that storage forgets them, if no batch can be made of them."""
    async for piece in passing.pieces(submission.pieces):
        yield piece
    reading = passing.reading
    if not reading.is_accepted(submission.terms.on_invalid_row):
        raise InvalidManifestError(reading.problems.kept, reading.problems.count)


def _document(
    batch_id: PydanticObjectId, submission: Submission, stored_at: StoredAt, reading: Reading
) -> Batch:
    terms = submission.terms
    return Batch(
        id=batch_id,
        owner_id=submission.owner_id,
        manifest_name=filenames.safe(submission.filename, UNNAMED),
        manifest=stored_at,
        manifest_headings=list(reading.extra_headings),
        skips_invalid_rows=terms.on_invalid_row is OnInvalidRow.SKIP_ROWS,
        compression=terms.compression,
        metadata_policy=terms.metadata_policy,
        counts=Counts(total=reading.image_count, pending=reading.image_count),
        problem_count=reading.problems.count,
        webhook=terms.webhook,
        created_at=now(),
    )


def _kept(batch: Batch, reading: Reading) -> BatchProblems:
    problems = [
        KeptProblem(
            line=problem.line,
            column=problem.column,
            code=problem.code,
            message=problem.message,
            hint=problem.hint,
            severity=problem.severity,
        )
        for problem in reading.problems.kept
    ]
    return BatchProblems(id=batch.id, owner_id=batch.owner_id, problems=problems)
