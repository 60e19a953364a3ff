"""The README's picture of the app: `python -m tests.web.portrait http://127.0.0.1:8000`, with a service that runs there.

It signs somebody up, uploads landscapes, and writes `docs/app.png`.
"""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

import pyvips

from tests import browser
from tests.client import Person
from tests.web import scenery, visitor

PICTURE = Path(__file__).parent.parent.parent / "docs/app.png"
SHAPES = [(1200, 800), (1200, 800), (800, 1200), (1400, 800), (1000, 1000), (1600, 700)]
TAGS = ["holiday", "lake", "mountains", "evening", "norway", "family"]
IMAGES = 30


async def main(url: str) -> None:
    """Somebody at home among their photos."""
    chance = random.Random(3)
    async with Person.signed_up(url) as person, browser.launched() as chromium:
        for seed in range(IMAGES):
            landscape = scenery.landscape(seed, *chance.choice(SHAPES))
            tags = chance.sample(TAGS, k=chance.randint(0, 2))
            await person.developed(landscape, filename=f"landscape-{seed}.jpg", tags=tags)
        async with visitor.visiting(chromium, url) as somebody:
            await somebody.sign_in(person)
            await somebody.tab.locator(".tile img.there").nth(20).wait_for()
            await somebody.tab.wait_for_timeout(1_000)  # the last ones fade in
            shot = await somebody.tab.screenshot()
    small = pyvips.Image.new_from_buffer(shot, "")
    small.write_to_file(str(PICTURE), palette=True, Q=90, effort=10, keep="none")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
