"""Staged uploads: the client sends the bytes to storage itself, says so, and only then are they looked at.

What was said of a file beforehand opens a place for it and decides nothing: the bytes are read from there and go
through the same entrance as every other upload, so that what was checked is what is kept.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from beanie import PydanticObjectId

from errors import InvalidInputError, ObjectNotFoundError, UserError
from failpoints import failpoint
from models import transactions
from models.image import StoredAt
from models.staged_upload import StagedUpload
from models.transactions import Transaction
from processing import cleanup, filenames, leftovers
from processing.idempotency import Keeper
from processing.ingest import Incoming, Ingested, Intake, Labels
from processing.inspection import Declared
from processing.queue.base import WorkQueue
from storage import keys
from storage.adapters import Storages
from storage.gathering import gathered

TTL = timedelta(hours=1)
SWEPT_AFTER = timedelta(hours=1)
"""How long after its end a stage is swept: what a provider's address let in may take so long to get there."""

MOST_OPEN = 100
STAGES_PER_TRANSACTION = 100


@dataclass(frozen=True)
class Announced:
    """What is said of a file before it comes."""

    filename: str
    media_type: str
    declared: Declared


class Staging:
    """Opens stages, fills them and completes them. One for a process.

    Args:
        storages: Where the bytes of stages go, and where those of older ones lie.
        intake: Where they are taken in.
    """

    def __init__(self, storages: Storages, intake: Intake) -> None:
        self._storages = storages
        self._intake = intake

    async def planned(self, owner_id: PydanticObjectId, announced: Announced) -> StagedUpload:
        """A stage in the storage that takes what is new; it exists once it is inserted.

        Raises:
            FileTooLargeError, QuotaExceededError: The file would be refused for its size.
            InvalidInputError: The owner has too many open stages.
        """
        await self._intake.expect(owner_id, announced.declared.size_bytes)
        if await StagedUpload.count_open(owner_id) >= MOST_OPEN:
            raise InvalidInputError(
                f"You have {MOST_OPEN} staged uploads that are not completed. Complete one, or wait until one expires."
            )
        stage_id, now = PydanticObjectId(), datetime.now(UTC)
        key = keys.staged(str(owner_id), str(stage_id))
        return StagedUpload(
            id=stage_id,
            owner_id=owner_id,
            filename=filenames.safe(announced.filename),
            media_type=announced.media_type,
            size_bytes=announced.declared.size_bytes,
            checksum_sha256=announced.declared.checksum_sha256,
            stored_at=StoredAt(kind=self._storages.current.kind, key=key),
            created_at=now,
            expires_at=now + TTL,
        )

    async def receive(self, stage: StagedUpload, pieces: AsyncIterator[bytes]) -> bool:
        """Keeps the bytes until the stage is completed, in place of any that came before.

        If `pieces` raises, nothing has changed. False if the stage was ended meanwhile; nothing is kept then.
        """
        await self._storages.of(stage.stored_at.kind).put(stage.stored_at.key, gathered(pieces))
        failpoint("staged.received")
        if await StagedUpload.open_one(PydanticObjectId(stage.id)):
            return True
        await self._discard(stage)
        return False

    async def complete(
        self, stage: StagedUpload, labels: Labels, confirm: Callable[[], Awaitable[None]], keeper: Keeper
    ) -> Ingested:
        """Takes the bytes in as an image and ends the stage, also when they are refused.

        Raises:
            FileTooLargeError, UnsupportedFormatError, CorruptImageError, ImageTooLargeError, QuotaExceededError:
                The stage is over, nothing is kept.
            InvalidInputError: The bytes have not arrived. The stage stays open.
            UnauthenticatedError: As `Intake.take_in`. The stage stays open.
        """
        pieces = self._storages.of(stage.stored_at.kind).get(stage.stored_at.key)
        declared = Declared(stage.size_bytes, stage.checksum_sha256)
        incoming = Incoming(stage.owner_id, stage.filename, pieces, labels, confirm, declared)
        try:
            ingested = await self._intake.take_in(incoming, _Ending(stage, keeper))
        except ObjectNotFoundError as error:
            raise InvalidInputError(
                "The bytes have not arrived yet. Send them, then complete the upload.", "id"
            ) from error
        except UserError:
            await StagedUpload.end(PydanticObjectId(stage.id))
            await self._discard(stage)
            raise
        await self._discard(stage)
        return ingested

    async def _discard(self, stage: StagedUpload) -> None:
        """Deletes the bytes; what stays after a failure is swept."""
        await cleanup.to_the_end(self._delete(stage.stored_at), "the bytes of a staged upload")

    async def _delete(self, stored_at: StoredAt) -> None:
        failpoint("staged.ended")
        await self._storages.of(stored_at.kind).delete(stored_at.key)


async def sweep(queue: WorkQueue) -> None:
    """Removes all stages whose time has been over for a while, and whatever lies there."""
    before = datetime.now(UTC) - SWEPT_AFTER
    while stages := await StagedUpload.expired(before, STAGES_PER_TRANSACTION):
        await _forget(stages, queue)


async def _forget(stages: list[StagedUpload], queue: WorkQueue) -> None:
    async def write(transaction: Transaction) -> None:
        await StagedUpload.forget_all(stages, transaction)
        for stage in stages:
            await leftovers.remember(stage.owner_id, [stage.stored_at], queue, transaction)

    await transactions.run(write)


class _Ending:
    """Ends a stage in the transaction that keeps the answer to its completion."""

    def __init__(self, stage: StagedUpload, keeper: Keeper) -> None:
        self._stage = stage
        self._keeper = keeper

    async def keep(
        self, checksum_sha256: str | None, answer: dict[str, Any], transaction: Transaction
    ) -> None:
        await StagedUpload.end(PydanticObjectId(self._stage.id), transaction)
        await self._keeper.keep(checksum_sha256, answer, transaction)
