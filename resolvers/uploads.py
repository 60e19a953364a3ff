"""Files on their way in."""

from __future__ import annotations

from collections.abc import Sequence

from processing.ingest import Incoming, Ingested
from resolvers import labels
from resolvers.context import Context, IncomingFile


async def upload(
    context: Context, file: IncomingFile, caption: str | None, tags: Sequence[str] | None
) -> Ingested:
    """Takes a file in for the viewer. Who asks and what they say of it is checked before a byte is read.

    Raises:
        InvalidInputError: The caption or a tag is too long, or there are too many tags.
        FileTooLargeError, UnsupportedFormatError, CorruptImageError, ImageTooLargeError: Nothing is kept.
    """
    owner_id, services = context.viewer_id, context.services
    caption, checked_tags = labels.caption(caption), labels.tags(tags or [])
    opened = await file.open()
    incoming = Incoming(owner_id, opened.filename, opened.pieces, caption, checked_tags)
    return await services.intake.take_in(incoming)
