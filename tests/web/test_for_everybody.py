"""With a keyboard alone, on a phone, in the dark, with a screen reader."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests import pictures
from tests.acceptance import batches
from tests.client import PASSWORD
from tests.web import visitor

pytestmark = visitor.in_chromium

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
DARK = {"color_scheme": "dark"}
GROUND = "() => getComputedStyle(document.documentElement).backgroundColor"


async def tour(visitor, ann, shop):
    """Every page with something on it: yields what it is called, once it is there."""
    await visitor.open()
    await visitor.heading("Welcome back")
    yield "sign in"
    image = await ann.developed(
        pictures.jpeg(900, 600, seed=1), filename="sea.jpg", tags=["a-rather-long-tag"]
    )
    await visitor.sign_in(ann)
    await visitor.shows_photos("sea.jpg")
    await visitor.choose("Photos to upload", **{"broken-with-a-rather-long-name-indeed.jpg": b"no picture"})
    await visitor.shows("0 photos kept, 1 refused")
    yield "photos"
    await visitor.press("Close")
    await visitor.press("Your account")
    await visitor.shows("1 photo,")
    yield "account"
    await visitor.open(f"#/images/{image['id']}")
    await visitor.heading("sea.jpg")
    await expect(visitor.tab.locator(".stage img.there")).to_be_visible()
    yield "photo"
    await visitor.open("#/batches")
    await visitor.shows("No batches yet")
    yield "no batches"
    await visitor.open("#/batches/new")
    manifest = batches.manifest(
        f"1,Lamp,{shop.at('/a.jpg')}",
        f"2,Chair,not an address{' at all' * 20}",
        "2,Chair,http://example.com/a.jpg",
    )
    await visitor.choose("CSV file", **{"goods.csv": manifest})
    await visitor.shows("Error in line 3")
    yield "problems"
    batch = await batches.created(
        ann, f'1,Lamp,"{shop.at("/a.jpg")},{shop.at("/gone.jpg")}"', filename="goods.csv"
    )
    await visitor.open(f"#/batches/{batch['id']}")
    await visitor.shows("Completed with errors")
    await expect(visitor.tab.get_by_label("Image 2 failed")).to_be_visible()
    yield "batch"
    await ann.data("mutation ($id: ID!) { deleteImage(input: {id: $id}) { __typename } }", id=image["id"])
    await visitor.open("#/trash")
    await visitor.shows_photos("sea.jpg")
    yield "trash"


@pytest.mark.parametrize("device", [{}, DARK, PHONE], ids=["light", "dark", "phone"])
async def test_axe_finds_nothing_serious_and_nothing_is_too_wide(visits, ann, shop, device):
    async with visits(**device) as visitor:
        found = {}
        async for place in tour(visitor, ann, shop):
            found[place] = await visitor.findings() + ["too wide"] * await visitor.is_too_wide()

    assert {place: findings for place, findings in found.items() if findings} == {}
    assert len(found) == 8
    assert visitor.faults == []


async def test_the_page_is_dark_for_those_who_like_it_dark(visits):
    async with visits(**DARK) as night, visits() as day:
        await night.open()
        await day.open()
        assert await night.tab.evaluate(GROUND) == "rgb(19, 17, 16)"
        assert await day.tab.evaluate(GROUND) == "rgb(251, 250, 249)"


async def test_a_keyboard_alone_signs_in_and_opens_a_photo(guest, ann):
    for number, name in enumerate(["sea.jpg", "hill.jpg"]):
        await ann.developed(pictures.jpeg(300, 200, seed=number), filename=name)
    keyboard = guest.tab.keyboard
    await guest.open()
    await expect(guest.tab.get_by_label("Email")).to_be_focused()
    await keyboard.type(ann.email)
    await keyboard.press("Tab")
    await keyboard.type(PASSWORD)
    await keyboard.press("Enter")
    await guest.shows_photos("hill.jpg", "sea.jpg")

    for _ in range(20):
        await keyboard.press("Tab")
        if await guest.photo("hill.jpg").evaluate("tile => tile === document.activeElement"):
            break
    await keyboard.press("ArrowRight")
    await expect(guest.photo("sea.jpg")).to_be_focused()
    await keyboard.press("Enter")
    await guest.heading("sea.jpg")
    await keyboard.press("ArrowLeft")
    await guest.heading("hill.jpg")
    await keyboard.press("Escape")
    await guest.heading("Photos")
    await keyboard.press("/")
    await expect(guest.tab.get_by_label("Search photos")).to_be_focused()
