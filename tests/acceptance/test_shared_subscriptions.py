"""Tabs of one viewer share what they watch, and nobody else hears of it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from tests import pictures
from tests.acceptance.streams import subscribed
from tests.acceptance.test_gallery_changes import changes, cursor
from tests.acceptance.upkeep import update

CHANGES = """
subscription ($after: String) { galleryChanges(after: $after) { cursor kind image { id caption owner { id } } } }
"""


async def heard(tab, count):
    async with asyncio.timeout(30):
        return [(await anext(tab))["data"]["galleryChanges"] for _ in range(count)]


async def test_both_tabs_hear_each_change_once_and_another_viewer_none(ann, ben):
    before, bens_before = await cursor(ann), await cursor(ben)
    image = await ann.developed(pictures.jpeg(seed=90))
    after = (await changes(ann, 4, before))[-1]["cursor"]
    async with AsyncExitStack() as stack:
        tabs = [
            await stack.enter_async_context(subscribed(person, transport, CHANGES, after=place))
            for person, transport, place in (
                (ann, "socket", after),
                (ann, "POST", after),
                (ben, "socket", bens_before),
            )
        ]
        for number in range(5):
            await update(ann, image["id"], caption=f"caption {number}")
        mine = (await ben.upload(pictures.jpeg(seed=91)))["image"]["id"]

        first, second = [await heard(tab, 5) for tab in tabs[:2]]
        (bens,) = await heard(tabs[2], 1)

    assert [change["cursor"] for change in first] == [change["cursor"] for change in second]
    assert len({change["cursor"] for change in first}) == 5
    assert [tab[-1]["image"]["caption"] for tab in (first, second)] == ["caption 4"] * 2
    assert bens["image"]["id"] == mine
    assert bens["image"]["owner"] != first[0]["image"]["owner"]
