"""Somebody who watches a gallery across all deaths, and resumes behind the last change."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from tests.acceptance import streams
from tests.client import Person
from tests.faults.batches.watching import GONE, PAUSE_SECONDS, insist
from tests.faults.nemesis import Ledger

CHANGES = "subscription ($after: String) { galleryChanges(after: $after) { cursor kind imageId } }"
CURSOR = "{ gallery { changeCursor } }"


class GalleryWatch:
    """`kinds` is what was told of each image, in its order; `refusals` is what should never have been."""

    def __init__(self, person: Person, cursor: str) -> None:
        self._person = person
        self._cursor = cursor
        self.kinds: dict[str, list[str]] = {}
        self.refusals: list[Any] = []

    @classmethod
    async def from_now(cls, person: Person) -> GalleryWatch:
        """Watches what comes after this."""
        return cls(person, (await insist(lambda: person.data(CURSOR)))["gallery"]["changeCursor"])

    async def read(self) -> None:
        """For ever."""
        while True:
            with suppress(*GONE):
                await self._read()
            await asyncio.sleep(PAUSE_SECONDS)

    async def until_known(self, ledger: Ledger) -> None:
        """Waits until the last of what was acknowledged was told."""
        while self.unknown(ledger):  # noqa: ASYNC110 - another process tells
            await asyncio.sleep(PAUSE_SECONDS)

    def unknown(self, ledger: Ledger) -> set[str]:
        """Images that came, or went, and nobody said so."""
        came = {image_id for image_id in ledger.kept if "ADDED" not in self.kinds.get(image_id, [])}
        return came | {
            image_id for image_id in ledger.deleted if "REMOVED" not in self.kinds.get(image_id, [])
        }

    async def _read(self) -> None:
        async with streams.subscribed(self._person, "socket", CHANGES, after=self._cursor) as payloads:
            async for payload in payloads:
                if "errors" in payload:
                    return
                change = payload["data"]["galleryChanges"]
                self._cursor = change["cursor"]
                self.kinds.setdefault(change["imageId"], []).append(change["kind"])
