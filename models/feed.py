"""Change streams: being told at once that something was written, by whatever process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from beanie import Document

REOPEN_AFTER_SECONDS = 0.5

log = structlog.get_logger()


async def follow(
    document: type[Document],
    *,
    on_insert: Callable[[dict[str, Any]], None],
    on_open: Callable[[], None],
) -> None:
    """Calls `on_insert` with each new document of the collection, for ever; cancel it to end.

    A lost stream is opened again. `on_open` is called each time once the stream stands: whatever was written before
    is then to be read from the collection, whatever is written later comes as an insert. Nothing falls in between.
    """
    while True:
        try:
            await _follow_once(document, on_insert, on_open)
        except Exception as error:  # noqa: BLE001 - whatever it was, those who listen must not go deaf for ever
            log.warning("change stream lost", collection=document.get_collection_name(), reason=str(error))
            await asyncio.sleep(REOPEN_AFTER_SECONDS)


async def _follow_once(
    document: type[Document], on_insert: Callable[[dict[str, Any]], None], on_open: Callable[[], None]
) -> None:
    only_inserts = [{"$match": {"operationType": "insert"}}]
    async with await document.get_pymongo_collection().watch(only_inserts) as stream:
        on_open()
        async for change in stream:
            on_insert(change["fullDocument"])
