"""A stranger opens the playground of the running service and sees a picture through."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.async_api import expect

from tests import browser, pictures

pytestmark = browser.in_chromium


@pytest.fixture
async def page(chromium, service):
    async with browser.opened(chromium, service.url) as opened:
        yield opened


async def test_somebody_signs_up_uploads_watches_and_finds_the_picture(page):
    email = f"ann-{secrets.token_hex(4)}@example.com"
    await page.open_example("SignUp")
    await page.set_variables(email=email, password="correct horse battery")
    await page.run()
    await expect(page.tab.locator("#session")).to_have_text(f"Signed in as {email}")

    await page.tab.set_input_files(
        "#file", {"name": "cat.jpg", "mimeType": "image/jpeg", "buffer": pictures.jpeg(900, 600)}
    )
    await page.run_example("Upload")
    await page.shows('"filename": "cat.jpg"')
    await page.run_example("Progress")
    await page.shows('"stage": "READY"')
    await page.run_example("Gallery")
    await page.shows(f'"email": "{email}"')
    await page.shows('"totalCount": 1')

    asked = {re.sub(r"^\w+://([^/]+).*", r"\1", url) for url in page.requests if not url.startswith("data:")}
    assert asked == {page.origin.removeprefix("http://")}
    assert page.complaints == []
