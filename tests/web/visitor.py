"""Somebody at the app in a real browser, with what the browser asked for and complained of."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests import browser
from tests.client import PASSWORD

WITHIN_MS = 60_000
expect.set_options(timeout=WITHIN_MS)
in_chromium = [*browser.in_chromium, pytest.mark.timeout(300)]
"""A journey goes through browser, service, worker and codec, all at once."""

AXE = Path(__file__).parent.parent.parent / "web/node_modules/axe-core/axe.min.js"
EXPECTED = re.compile(
    r"ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|WebSocket connection to .* failed|ERR_EMPTY_RESPONSE"
)
"""What Chromium itself writes while a service is away."""

FOUND = """async () => {
  await Promise.all(document.getAnimations().filter((each) => each instanceof CSSTransition).map(({ finished }) => finished.catch(() => {})));
  const { violations } = await axe.run(document);
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
}"""


class Visitor:
    """A tab. Everything is sought as people do: by what it is and what it is called."""

    def __init__(self, tab, origin):
        self.tab = tab
        self.origin = origin
        self.requests = []
        self.complaints = []
        tab.set_default_timeout(WITHIN_MS)
        tab.on("request", lambda request: self.requests.append(request.url))
        tab.on("websocket", lambda socket: self.requests.append(socket.url))
        tab.on("console", lambda said: self.complaints.append(said.text))
        tab.on("pageerror", lambda fault: self.complaints.append(str(fault)))

    @property
    def faults(self):
        """What the browser complained of, but for a service that was away."""
        return [said for said in self.complaints if not EXPECTED.search(said)]

    @property
    def hosts(self):
        """Whom it has asked."""
        return {
            re.sub(r"^\w+://([^/]+).*", r"\1", url) for url in self.requests if not url.startswith("data:")
        }

    async def open(self, place=""):
        await self.tab.goto(f"{self.origin}/{place}")

    async def sign_in(self, person, place=""):
        await self.open(place)
        await self.fill("Email", person.email)
        await self.fill("Password", PASSWORD)
        await self.press("Sign in")
        await expect(self.button("Your account")).to_be_visible()

    def button(self, name):
        return self.tab.get_by_role("button", name=name, exact=True)

    def link(self, name):
        return self.tab.get_by_role("link", name=name, exact=True)

    def photo(self, name):
        return self.tab.get_by_role("list", name="Photos").get_by_role("link", name=name)

    async def press(self, name):
        await self.button(name).click()

    async def follow(self, name):
        await self.link(name).first.click()

    async def fill(self, label, text):
        await self.tab.get_by_label(label).fill(text)

    async def choose(self, label, **files):
        """Puts files into an input: their names without the ending, and their bytes or name and bytes."""
        given = [
            {"name": name, "mimeType": "application/octet-stream", "buffer": content}
            for name, content in files.items()
        ]
        await self.tab.get_by_label(label).first.set_input_files(given)

    async def shows(self, text, **how: Any):
        await expect(self.tab.get_by_text(text, **how).first).to_be_visible()

    async def heading(self, name):
        await expect(self.tab.get_by_role("heading", name=name, level=1)).to_be_visible()

    async def shows_photos(self, *names):
        """These and no others, in this order, with their pixels."""
        await expect(self.tab.locator(".tile img.there")).to_have_count(len(names))
        assert [await img.get_attribute("alt") for img in await self.tab.locator(".tile img").all()] == [
            *names
        ]

    async def findings(self):
        """What axe finds serious or critical."""
        return await self.tab.evaluate(FOUND)

    async def is_too_wide(self):
        return await self.tab.evaluate("() => document.documentElement.scrollWidth > innerWidth")


@asynccontextmanager
async def visiting(browser: Browser, origin: str, **device: Any) -> AsyncIterator[Visitor]:
    """With nothing remembered, and `axe` at hand, which no page knows of."""
    context = await browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **device})
    await context.add_init_script(path=AXE)
    visitor = Visitor(await context.new_page(), origin)
    visitor.tab.on("dialog", lambda dialog: dialog.accept())
    yield visitor
    await context.close()
