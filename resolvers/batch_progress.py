"""Watching a batch."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from errors import ResourceNotFoundError
from processing.batches import progress
from resolvers import batches
from resolvers.batch_changes import BatchProgress, Part
from resolvers.context import Context
from resolvers.place import Place, require_sequence


async def batch_progress(
    context: Context, batch_id: str, after: int | None
) -> AsyncGenerator[BatchProgress | Place, None]:
    """The batch's present state, then its changes, or with `after` only the changes behind it; and the places between.

    Raises:
        ResourceNotFoundError: No batch of the viewer's has this id.
        BadUserInputError: `after` is negative.
        EventsExpiredError: The log no longer reaches back to `after`.
    """
    batch = await batches.get(context, batch_id)
    if batch is None:
        raise ResourceNotFoundError
    require_sequence(after)
    if after is not None:
        yield Place(after)
    async for events in progress.follow_batch(batch, after, context.services.live.progress):
        part = Part.of(events)
        for event in events:
            yield BatchProgress.of(event, part)
            if not event.is_last:  # where the work ends, it depends on what was known whether the stream does
                yield Place(event.sequence)
