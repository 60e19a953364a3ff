"""A gallery of any length is a page of a few rows."""

from __future__ import annotations

import pytest
from playwright.async_api import expect
from pymongo import AsyncMongoClient

from models.image import StoredAt
from resolvers import ids
from tests import albums
from tests.web import visitor

pytestmark = visitor.in_chromium

IMAGES = 600
MOST_TILES = 150
MOST_MOVED_PX = 200
"""By what the browser scrolls to bring into sight what is clicked."""


@pytest.fixture
async def many(working, mongo_uri, ann, database):
    """Images without bytes, each named by its number."""
    owner_id = ids.decode(ann.id, "User")
    images = [
        albums.image(
            owner_id, minute=number, filename=f"{number}.jpg", storage=StoredAt(kind="gridfs", key="k")
        )
        for number in range(IMAGES)
    ]
    async with AsyncMongoClient(mongo_uri) as client:
        collection = client[working.environment["MONGODB_DATABASE"]]["images"]
        await collection.insert_many([image.model_dump(by_alias=True) for image in images])
    return IMAGES


async def test_rows_that_are_out_of_sight_leave_the_page(guest, ann, many):
    await guest.sign_in(ann)
    tiles = guest.tab.locator(".tile")
    last = guest.tab.locator(f'.tile[aria-posinset="{many}"]')
    await expect(tiles.first).to_be_visible()

    while not await last.count():
        await guest.tab.mouse.wheel(0, 3_000)
        await guest.tab.wait_for_timeout(50)
        assert await tiles.count() < MOST_TILES

    await last.scroll_into_view_if_needed()
    where = await guest.tab.evaluate("() => scrollY")
    await last.locator("a").click()
    await guest.heading("0.jpg")
    await guest.tab.keyboard.press("Escape")
    await expect(last).to_be_visible()
    assert abs(await guest.tab.evaluate("() => scrollY") - where) < MOST_MOVED_PX

    await guest.tab.keyboard.press("Home")
    await expect(guest.tab.locator('.tile[aria-posinset="1"]')).to_be_visible()
    assert await tiles.count() < MOST_TILES
