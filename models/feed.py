"""Change streams: being told at once that something was written, by whatever process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import structlog
from beanie import Document

REOPEN_AFTER_SECONDS = 0.5

log = structlog.get_logger()


class Follower:
    """Calls `on_insert` with each new document of a collection, from `start` to `close`.

    A lost stream is opened again. `on_open` is called each time once the stream stands: whatever was written before
    is then to be read from the collection, whatever is written later comes as an insert. Nothing falls in between.
    `on_lost` is called when the stream no longer stands.
    """

    def __init__(
        self,
        document: type[Document],
        *,
        on_insert: Callable[[dict[str, Any]], None],
        on_open: Callable[[], None],
        on_lost: Callable[[], None] = lambda: None,
    ) -> None:
        self._document = document
        self._on_insert = on_insert
        self._on_open = on_open
        self._on_lost = on_lost
        self._following: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Opens the stream, unless that was done before."""
        if self._following is None:
            self._following = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """Closes the stream, if it was opened."""
        if self._following:
            self._following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._following

    async def _follow(self) -> None:
        while True:
            try:
                await self._follow_once()
            except Exception as error:  # noqa: BLE001 - whatever it was, those who listen must not go deaf for ever
                self._on_lost()
                collection = self._document.get_collection_name()
                log.warning("change stream lost", collection=collection, reason=str(error))
                await asyncio.sleep(REOPEN_AFTER_SECONDS)

    async def _follow_once(self) -> None:
        only_inserts = [{"$match": {"operationType": "insert"}}]
        async with await self._document.get_pymongo_collection().watch(only_inserts) as stream:
            self._on_open()
            async for change in stream:
                self._on_insert(change["fullDocument"])
