"""Manifests on their way in."""

from __future__ import annotations

from models.batch import Batch
from processing.batches import submit
from processing.batches.submit import Submission, Terms
from processing.idempotency import Hold, Kept, KeyedInput
from processing.manifest import Reading
from resolvers.context import Context, IncomingFile

MUTATION = "createBatch"


async def check(context: Context, file: IncomingFile) -> Reading:
    """The manifest, read and kept nowhere.

    Raises:
        FileTooLargeError, UnsupportedFormatError: It is none that can be read.
    """
    await context.confirm_viewer()
    opened = await file.open()
    return await context.services.submissions.check(opened.pieces)


async def create(context: Context, file: IncomingFile, terms: Terms, key: str | None) -> Batch:
    """Makes a batch of a manifest for the viewer; with a key, a repeat is answered as the first time.

    Raises:
        FileTooLargeError, UnsupportedFormatError, InvalidManifestError, QuotaExceededError: Nothing is kept.
        IdempotencyConflictError: The key was used with another input.
        InvalidInputError: The key is too long.
    """
    owner_id, services = context.viewer_id, context.services
    if key is None:
        return await _take_in(context, file, terms, None)
    async with services.idempotency_keys.held(KeyedInput(owner_id, MUTATION, key, _plain(terms))) as held:
        if isinstance(held, Kept):
            opened = await file.open()
            return submit.again(await held.replay(opened.pieces))
        return await _take_in(context, file, terms, held)


async def _take_in(context: Context, file: IncomingFile, terms: Terms, hold: Hold | None) -> Batch:
    owner_id = context.viewer_id
    opened = await file.open()
    submission = Submission(owner_id, opened.filename, opened.pieces, terms, context.confirm_viewer)
    return await context.services.submissions.take_in(submission, hold)


def _plain(terms: Terms) -> dict[str, object]:
    """What is said of a manifest, as an idempotency key compares it."""
    return {
        "compression": terms.compression.model_dump(),
        "onInvalidRow": terms.on_invalid_row,
        "webhook": terms.webhook.model_dump() if terms.webhook else None,
    }
