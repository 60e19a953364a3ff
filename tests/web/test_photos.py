"""Photos go in, are watched, found, described, thrown away and taken back."""

from __future__ import annotations

import asyncio
import re
import secrets

from playwright.async_api import expect

from tests import pictures
from tests.client import PASSWORD
from tests.web import visitor

pytestmark = visitor.in_chromium


async def test_somebody_new_signs_up_uploads_and_sees_what_became_of_each_file(guest):
    await guest.open()
    await guest.press("Create an account")
    await guest.fill("Email", f"new-{secrets.token_hex(4)}@example.com")
    await guest.fill("Password", PASSWORD)
    await guest.press("Sign up")
    await guest.shows("Your photos will be here")

    await guest.choose(
        "Photos to upload",
        **{
            "sea.jpg": pictures.jpeg(300, 200, seed=1),
            "broken.jpg": b"this is no picture",
            "hill.png": pictures.png(200, 200, seed=2),
            "late.webp": pictures.webp(200, 300, seed=3),
        },
    )

    await guest.shows("3 photos kept, 1 refused")
    refused = guest.tab.get_by_role("listitem").filter(has_text="broken.jpg")
    await expect(refused).to_contain_text(re.compile("JPEG, PNG"))
    await guest.shows("3 photos", exact=True)
    await expect(guest.tab.locator(".tile img.there")).to_have_count(3)
    assert guest.hosts == {guest.origin.removeprefix("http://")}
    assert guest.faults == []


async def test_a_wrong_password_is_told_in_words(guest, ann):
    await guest.open()
    await guest.fill("Email", ann.email)
    await guest.fill("Password", "not this one")
    await guest.press("Sign in")

    await expect(guest.tab.get_by_role("alert")).to_contain_text("password")


async def test_a_reload_asks_for_no_password_and_signing_out_does(at_home):
    await at_home.tab.reload()
    await at_home.heading("Photos")
    await at_home.press("Your account")
    await at_home.press("Sign out")
    await at_home.heading("Welcome back")
    await at_home.tab.reload()
    await at_home.heading("Welcome back")


async def test_an_upload_goes_on_by_itself_when_the_line_comes_back(at_home):
    await at_home.tab.context.set_offline(True)
    await at_home.choose("Photos to upload", **{"sea.jpg": pictures.jpeg(300, 200, seed=1)})
    await at_home.shows("No connection; trying again …")
    await at_home.tab.context.set_offline(False)

    await at_home.shows("1 photo kept")
    await at_home.shows_photos("sea.jpg")


async def test_a_file_that_is_too_large_is_not_even_sent(at_home):
    await at_home.choose("Photos to upload", **{"huge.jpg": bytes(20 * 1024 * 1024 + 1)})

    await at_home.shows("0 photos kept, 1 refused")
    await at_home.shows("A file may have 21 MB at most.")


async def test_uploads_can_be_stopped_and_tried_again(at_home):
    await at_home.tab.context.set_offline(True)
    await at_home.choose(
        "Photos to upload", **{f"{n}.jpg": pictures.jpeg(300, 200, seed=n) for n in range(5)}
    )
    await at_home.press("Stop")
    await at_home.shows("0 photos kept, 5 refused")
    await at_home.tab.context.set_offline(False)
    await at_home.tab.get_by_role("button", name="Try again").first.click()

    await at_home.shows("1 photo kept, 4 refused")


async def test_photos_are_found_by_words_and_by_tags(at_home, ann):
    for number, (name, tags) in enumerate(
        {"sea.jpg": ["blue"], "hill.jpg": ["green"], "lake.jpg": ["blue"]}.items()
    ):
        await ann.developed(pictures.jpeg(300, 200, seed=number), filename=name, tags=tags)
    await at_home.shows_photos("lake.jpg", "hill.jpg", "sea.jpg")

    await at_home.fill("Search photos", "hil")
    await at_home.shows_photos("hill.jpg")
    await at_home.fill("Search photos", "nothing such")
    await at_home.shows("Nothing found")
    await at_home.fill("Search photos", "")
    await at_home.press("blue")
    await at_home.shows_photos("lake.jpg", "sea.jpg")
    await at_home.tab.reload()
    await at_home.shows_photos("lake.jpg", "sea.jpg")


async def test_a_photos_page_tells_all_and_lets_it_be_described(at_home, ann):
    picture = pictures.with_exif(pictures.jpeg(900, 600, seed=4), pictures.exif(gps=True))
    await ann.developed(picture, filename="tower.jpg")
    await at_home.photo("tower.jpg").click()

    await at_home.heading("tower.jpg")
    await at_home.shows("900 \u00d7 600 px (0.5 MP)")
    await at_home.shows("The original says where it was taken.")
    await at_home.tab.get_by_text("left out of every variant").click()
    await at_home.shows(re.compile("GPS"))
    await at_home.fill("Caption", "The tower at noon")
    await at_home.fill("Tags, separated by commas", "berlin, tower , berlin")
    await at_home.press("Save")
    await at_home.shows("Saved.")
    await at_home.follow("berlin")
    await at_home.shows_photos("The tower at noon")


async def test_an_address_can_be_copied_and_works(at_home, ann):
    await at_home.tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await ann.developed(pictures.jpeg(900, 600, seed=4), filename="tower.jpg")
    await at_home.photo("tower.jpg").click()
    await at_home.tab.get_by_label("Width").select_option("320")
    await at_home.tab.get_by_label("Good for").select_option("1 day")
    await at_home.press("Copy address")
    await at_home.shows("Copied.")

    address = await at_home.tab.evaluate("() => navigator.clipboard.readText()")
    async with ann.http.get(address) as response:
        assert (response.status, response.content_type) == (200, "image/webp")


async def test_pixels_that_do_not_come_are_asked_for_again(at_home, ann):
    lost = []

    async def lose_two(route):
        if route.request.resource_type == "image" and len(lost) < 2:
            lost.append(route.request.url)
            await route.abort()
        else:
            await route.continue_()

    await at_home.tab.route("**/*", lose_two)
    await ann.developed(pictures.jpeg(300, 200, seed=5), filename="sea.jpg")

    await at_home.shows_photos("sea.jpg")
    assert len(lost) == 2


async def test_a_photo_goes_to_the_trash_and_comes_back(at_home, ann):
    await ann.developed(pictures.jpeg(300, 200, seed=5), filename="sea.jpg")
    await at_home.photo("sea.jpg").click()
    await at_home.press("Delete")
    await at_home.shows("sea.jpg is in the trash.")
    await at_home.shows("Your photos will be here")

    await at_home.follow("Trash")
    await at_home.shows_photos("sea.jpg")
    await at_home.press("Restore sea.jpg")
    await at_home.shows("The trash is empty")
    await at_home.follow("Photos")
    await at_home.shows_photos("sea.jpg")


async def test_a_photo_that_came_back_stays_when_the_answer_comes_late(at_home, ann):
    """Its change may overtake the answer of the mutation that made it."""
    is_back = asyncio.Event()

    async def hold_restoring(route):
        answer = await route.fetch()
        if "RestoreImage" in (route.request.post_data or ""):
            await is_back.wait()
        await route.fulfill(response=answer)

    await ann.developed(pictures.jpeg(300, 200, seed=5), filename="sea.jpg")
    await at_home.photo("sea.jpg").click()
    await at_home.press("Delete")
    await at_home.follow("Trash")
    await at_home.shows_photos("sea.jpg")
    await at_home.tab.route("**/graphql", hold_restoring)
    await at_home.press("Restore sea.jpg")
    await at_home.shows("The trash is empty")
    await at_home.follow("Photos")
    await at_home.shows_photos("sea.jpg")
    is_back.set()

    await at_home.shows("sea.jpg is back among your photos.")
    await at_home.shows_photos("sea.jpg")


async def test_what_is_deleted_can_be_taken_back_at_once_or_deleted_for_good(at_home, ann):
    await ann.developed(pictures.jpeg(300, 200, seed=5), filename="sea.jpg")
    await at_home.photo("sea.jpg").click()
    await at_home.press("Delete")
    await at_home.press("Undo")
    await at_home.shows_photos("sea.jpg")

    await at_home.photo("sea.jpg").click()
    await at_home.press("Delete")
    await at_home.follow("Trash")
    await at_home.press("Delete sea.jpg for good")
    await at_home.shows("The trash is empty")
    assert (await ann.data("{ gallery(filter: {trashed: true}) { totalCount } }"))["gallery"][
        "totalCount"
    ] == 0


async def test_what_another_device_does_is_seen_at_once(at_home, ann):
    await at_home.shows("Your photos will be here")
    image = await ann.developed(pictures.jpeg(300, 200, seed=6), filename="sea.jpg")
    await at_home.shows_photos("sea.jpg")
    await ann.data("mutation ($id: ID!) { deleteImage(input: {id: $id}) { __typename } }", id=image["id"])

    await at_home.shows("Your photos will be here")


async def test_an_unknown_photo_is_told_so(at_home):
    await at_home.open("#/images/nobody-has-this")
    await at_home.shows("There is no such photo")
