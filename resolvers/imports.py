"""Files that are fetched from addresses."""

from __future__ import annotations

from processing.fetch import target
from processing.idempotency import Kept, KeyedInput
from processing.ingest import Ingested, Labels
from resolvers import uploads
from resolvers.context import Context

MUTATION = "importImage"


async def from_url(context: Context, url: str, about: Labels, key: str | None) -> Ingested:
    """Fetches a file and takes it in for the viewer; with a key, a repeat is answered as the first time, unfetched.

    Raises:
        InvalidInputError: The address is none, or the key is too long. Nothing was looked up.
        FetchFailedError: It cannot be had; why is not told.
        FileTooLargeError, UnsupportedFormatError, CorruptImageError, ImageTooLargeError, QuotaExceededError:
            Nothing is kept.
        IdempotencyConflictError: The key was used with another input.
    """
    services, viewer_id = context.services, context.viewer_id
    wanted = target.parsed(url)
    if key is None:
        return await services.imports.take_in(viewer_id, wanted, about, context.confirm_viewer)
    keyed = KeyedInput(viewer_id, MUTATION, key, {**uploads.plain_fields(about), "url": wanted.url})
    async with services.idempotency_keys.held(keyed) as held:
        if isinstance(held, Kept):
            return Ingested.again(held.answer)
        return await services.imports.take_in(viewer_id, wanted, about, context.confirm_viewer, held)
