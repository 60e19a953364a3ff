"""A shop's own server: pictures that come, come late, come broken or not at all, and an ear for webhooks."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests import pictures
from tests.processing.fetch.origin import Origin, Script, ok, status
from tests.processing.webhooks import receiver
from tests.processing.webhooks.receiver import Receiver

GOOD, TWINS, SLOW, MOODY, CUT, GONE, BROKEN = "good", "twin", "slow", "moody", "cut", "gone", "broken"
WEIGHTS = {GOOD: 12, TWINS: 3, SLOW: 2, MOODY: 3, CUT: 2, GONE: 2, BROKEN: 1}
MOST_ROWS, MOST_URLS = 12, 5
DIFFERENT = 60
NEVER = (GONE, BROKEN)
"""What nothing can be made of."""


class Shop:
    """Each path begins with how it behaves. Once `is_calm`, all that can be delivered is."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.is_calm = False
        self._origin = Origin()
        self.ears = Receiver()
        self._pictures = [pictures.jpeg(64, 48, seed=1_000 * seed + n, quality=95) for n in range(DIFFERENT)]

    @classmethod
    @asynccontextmanager
    async def open(cls, seed: int) -> AsyncIterator[Shop]:
        """Until the end of the block."""
        shop = cls(seed)
        kinds = {kind: shop._behaving(kind) for kind in WEIGHTS}
        answers = {f"/{kind}-{n}.jpg": kinds[kind](n) for kind in WEIGHTS for n in range(DIFFERENT)}
        async with shop._origin.listening(), shop.ears.listening():
            shop._origin.answers = answers
            yield shop

    @property
    def allowed(self) -> str:
        """The setting that lets a service come here."""
        return f"127.0.0.1:{self._origin.port},127.0.0.1:{self.ears.port}"

    @property
    def webhook(self) -> dict[str, str]:
        """Where ends are announced."""
        url = f"http://127.0.0.1:{self.ears.port}/hook"
        return {"url": url, "secret": receiver.SECRET}

    def catalogue(self) -> list[list[str]]:
        """The addresses of each row of a manifest; some of them come again."""
        count = self.random.randint(1, MOST_ROWS)
        return [[self._address() for _ in range(self.random.randint(1, MOST_URLS))] for _ in range(count)]

    def picture(self) -> bytes:
        """One of those that lie here."""
        return self.random.choice(self._pictures)

    def checksum(self, url: str) -> str | None:
        """Of what lies at the address; None if nothing can be made of it."""
        kind, _, number = url.rpartition("/")[2].removesuffix(".jpg").partition("-")
        return None if kind in NEVER else hashlib.sha256(self._lying(kind, int(number))).hexdigest()

    def _address(self) -> str:
        kind = self.random.choices(list(WEIGHTS), WEIGHTS.values())[0]
        return self._origin.url(f"/{kind}-{self.random.randrange(DIFFERENT)}.jpg", "127.0.0.1")

    def _lying(self, kind: str, number: int) -> bytes:
        return self._pictures[number % 3 if kind == TWINS else number]

    def _behaving(self, kind: str):
        async def slow(writer: asyncio.StreamWriter, whole: bytes) -> None:
            await asyncio.sleep(self.random.uniform(0.1, 1))
            writer.write(whole)

        async def moody(writer: asyncio.StreamWriter, whole: bytes) -> None:
            is_bad = not self.is_calm and self.random.random() < 0.5
            writer.write(status(self.random.choice([429, 500, 503]), "Retry-After: 1") if is_bad else whole)

        async def cut(writer: asyncio.StreamWriter, whole: bytes) -> None:
            is_bad = not self.is_calm and self.random.random() < 0.5
            writer.write(whole[: len(whole) // 2] if is_bad else whole)

        def script(behave) -> Script:
            return lambda number: lambda writer: behave(writer, ok(self._lying(kind, number)))

        behaviours = {SLOW: script(slow), MOODY: script(moody), CUT: script(cut)}
        if kind in NEVER:
            return lambda _: status(404) if kind == GONE else ok(b"no picture at all")
        return behaviours.get(kind, lambda number: ok(self._lying(kind, number)))
