"""The playground in a real browser: Debian's Chromium, headless, with what it did and said."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.async_api import Browser

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Functions, since the page's policy lets nobody evaluate text, the tests included.
SHOWS = "text => document.querySelector('.result-window .CodeMirror')?.CodeMirror.getValue().includes(text)"
EDITS = (
    "name => document.querySelector('.graphiql-query-editor .CodeMirror')?.CodeMirror.operationName === name"
)

in_chromium = [
    pytest.mark.chromium,
    pytest.mark.skipif(not CHROMIUM and "REQUIRE_ALL" not in os.environ, reason="there is no chromium here"),
]


class Page:
    """The playground in a tab, with what the browser did and said."""

    def __init__(self, tab, origin):
        self.tab = tab
        self.origin = origin
        self.requests = []
        self.complaints = []
        tab.on("request", lambda request: self.requests.append(request.url))
        tab.on("websocket", lambda socket: self.requests.append(socket.url))
        tab.on("console", lambda said: self.complaints.append(f"{said.type}: {said.text}"))
        tab.on("pageerror", lambda fault: self.complaints.append(str(fault)))

    async def open(self):
        await self.tab.goto(f"{self.origin}/graphql")
        await self.tab.wait_for_function(EDITS, arg="Service")

    async def run(self):
        await self.tab.click(".graphiql-execute-button")

    async def open_example(self, name):
        await self.tab.locator(".graphiql-tab-button").get_by_text(name, exact=True).click()

    async def run_example(self, name):
        await self.open_example(name)
        await self.run()

    async def set_variables(self, **variables):
        await self.type_into(".graphiql-editor-tool", json.dumps(variables))

    async def shows(self, text):
        await self.tab.wait_for_function(SHOWS, arg=text, timeout=10_000)

    async def type_into(self, editor, text):
        await self.tab.locator(f"{editor} .CodeMirror:visible").click()
        await self.tab.keyboard.press("Control+A")
        await self.tab.keyboard.insert_text(text)


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """A browser with nothing in it."""
    from playwright.async_api import async_playwright  # noqa: PLC0415 - takes seconds, and few runs need it

    assert CHROMIUM, "REQUIRE_ALL is set and there is no chromium here"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@asynccontextmanager
async def opened(browser: Browser, origin: str) -> AsyncIterator[Page]:
    """The playground of `origin` in a fresh profile."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = Page(await context.new_page(), origin)
    await page.open()
    yield page
    await context.close()
