"""Files on their way in."""

from __future__ import annotations

from collections.abc import Sequence

from errors import InvalidInputError, UserError
from models.values import MetadataPolicy
from processing.idempotency import Kept, KeyedInput
from processing.ingest import Incoming, Ingested, Labels
from resolvers import labels
from resolvers.context import Context, IncomingFile

__all__ = ["Ingested", "plain_fields", "said", "upload", "upload_many"]

ONE, MANY = "uploadImage", "uploadImages"


def said(
    context: Context, caption: str | None, tags: Sequence[str] | None, policy: MetadataPolicy | None
) -> Labels:
    """What is said of files, checked; without a policy, the service's own.

    Raises:
        InvalidInputError: The caption or a tag is too long, or there are too many tags.
    """
    return Labels(
        labels.caption(caption), labels.tags(tags or []), policy or context.services.metadata_policy
    )


async def upload(context: Context, file: IncomingFile, about: Labels, key: str | None) -> Ingested:
    """Takes a file in for the viewer; with a key, a repeat is answered as the first time.

    Who asks and what they say of the file is checked before a byte is read.

    Raises:
        FileTooLargeError, UnsupportedFormatError, CorruptImageError, ImageTooLargeError, QuotaExceededError:
            Nothing is kept.
        IdempotencyConflictError: The key was used with another input.
        InvalidInputError: The key is too long.
    """
    return await _take_in(context, file, about, _keyed(context, ONE, key, plain_fields(about)))


async def upload_many(
    context: Context, files: Sequence[IncomingFile], about: Labels, key: str | None
) -> list[Ingested | UserError]:
    """Takes files in, one after the other; for each, in their order, what became of it.

    Raises:
        InvalidInputError: There is no file, or the key is too long.
        IdempotencyConflictError: The key was used with other fields or another number of files.
    """
    if not files:
        raise InvalidInputError("Send at least one file.", "files")
    keyed = _keyed(context, MANY, key, {**plain_fields(about), "files": len(files)})
    if keyed:
        await context.services.idempotency_keys.kept_at_positions(keyed)
    return [await _outcome(context, file, about, keyed, position) for position, file in enumerate(files)]


async def _outcome(
    context: Context, file: IncomingFile, about: Labels, keyed: KeyedInput | None, position: int
) -> Ingested | UserError:
    """What became of one of several files: its refusal is no refusal of the others."""
    try:
        return await _take_in(context, file, about, keyed, position)
    except UserError as refusal:
        return refusal


async def _take_in(
    context: Context,
    file: IncomingFile,
    about: Labels,
    keyed: KeyedInput | None,
    position: int | None = None,
) -> Ingested:
    """The file taken in, or with a key what was answered when it was."""
    services = context.services
    if keyed is None:
        return await services.intake.take_in(await _incoming(context, file, about))
    async with services.idempotency_keys.held(keyed, position) as held:
        if isinstance(held, Kept):
            opened = await file.open()
            return Ingested.again(await held.replay(opened.pieces))
        return await services.intake.take_in(await _incoming(context, file, about), held)


def _keyed(context: Context, mutation: str, key: str | None, fields: dict[str, object]) -> KeyedInput | None:
    return None if key is None else KeyedInput(context.viewer_id, mutation, key, fields)


async def _incoming(context: Context, file: IncomingFile, about: Labels) -> Incoming:
    owner_id = context.viewer_id
    opened = await file.open()
    return Incoming(owner_id, opened.filename, opened.pieces, about, context.confirm_viewer)


def plain_fields(about: Labels) -> dict[str, object]:
    """What is said of files, as an idempotency key compares it."""
    return {"caption": about.caption, "tags": about.tags, "metadataPolicy": about.metadata_policy}
