"""A catalogue is checked, started, watched, held up, tried again and fetched."""

from __future__ import annotations

import asyncio
import csv
import re
import signal

import pytest
from playwright.async_api import expect

from tests import pictures
from tests.acceptance import batches
from tests.processing.fetch.origin import ok
from tests.web import visitor

pytestmark = visitor.in_chromium


async def begin(at_home, manifest):
    """Checks a manifest and starts it."""
    await at_home.open("#/batches/new")
    await at_home.choose("CSV file", **{"goods.csv": manifest})
    await at_home.tab.get_by_role("button", name=re.compile("Start with")).click()
    await at_home.heading("goods.csv")


def item(at_home, product, said):
    row = at_home.tab.get_by_role("list", name="Products").get_by_role("listitem").filter(has_text=product)
    return row.get_by_label(said)


async def is_so(at_home, product, said):
    await expect(item(at_home, product, said)).to_be_visible()


async def test_what_is_wrong_with_a_csv_is_shown_where_it_stands(at_home):
    await at_home.open("#/batches/new")
    await at_home.choose(
        "CSV file",
        **{"goods.csv": batches.manifest("1,Lamp,http://example.com/a.jpg", "2,Chair,not an address")},
    )

    await at_home.shows("2 rows, 1 image, 1 problem.")
    await at_home.shows("Error in line 3, Input Image Urls:")
    await expect(at_home.tab.locator("mark")).to_have_text("not an address")
    start = at_home.button("Start with 1 image")
    await expect(start).to_be_disabled()
    await at_home.tab.get_by_label("Leave out the rows with errors").check()
    await expect(start).to_be_enabled()


async def test_what_is_no_csv_is_told_in_words(at_home):
    await at_home.open("#/batches/new")
    await at_home.choose("CSV file", **{"goods.csv": b"PK\x03\x04 a workbook"})

    await expect(at_home.tab.get_by_role("alert")).to_be_visible()
    await expect(at_home.tab.get_by_role("button", name=re.compile("Start with"))).to_have_count(0)


async def test_every_product_is_watched_to_its_end_and_the_results_fetched(at_home, shop):
    late = shop.late(1)
    await begin(
        at_home, batches.manifest(f"1,Lamp,{shop.at('/a.jpg')}", f'2,Chair,"{late},{shop.at("/gone.jpg")}"')
    )

    await is_so(at_home, "Lamp", "Image 1 is done")
    await is_so(at_home, "Chair", "Image 2 failed")
    await expect(item(at_home, "Chair", "Image 1 is done")).to_have_count(0)
    shop.gate.set()
    await is_so(at_home, "Chair", "Image 1 is done")
    await at_home.shows("Completed with errors")
    async with at_home.tab.expect_download() as downloading:
        await at_home.press("CSV")
    download = await downloading.value
    with open(await download.path(), newline="", encoding="utf-8-sig") as file:  # noqa: ASYNC230, PTH123 - a small one
        rows = list(csv.reader(file))
    assert [row[:2] for row in rows[1:]] == [["1", "Lamp"], ["2", "Chair"]]
    assert at_home.faults == []


async def test_what_failed_is_tried_again(at_home, shop):
    await begin(at_home, batches.manifest(f'1,Lamp,"{shop.at("/a.jpg")},{shop.at("/new.jpg")}"'))
    await is_so(at_home, "Lamp", "Image 2 failed")
    shop.answers["/new.jpg"] = ok(pictures.jpeg(300, 200, seed=9))
    await at_home.press("Retry 1 image")

    await is_so(at_home, "Lamp", "Image 2 is done")
    await at_home.shows("Completed", exact=True)


async def test_a_batch_is_paused_resumed_and_cancelled(at_home, shop):
    urls = ",".join(shop.late(number) for number in range(30))
    await begin(at_home, batches.manifest(f'1,Lamp,"{urls}"'))
    await at_home.press("Pause")
    await at_home.shows("Paused", exact=True)
    await at_home.press("Resume")
    await at_home.shows("Running", exact=True)
    await at_home.press("Cancel")

    await at_home.shows("Cancelled", exact=True)
    shop.gate.set()
    await expect(at_home.button("Delete")).to_be_visible()
    await at_home.press("Delete")
    await at_home.heading("Batches")
    await at_home.shows("No batches yet")


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
async def test_a_restart_in_the_middle_of_a_batch_needs_no_reload(at_home, shop, working, end):
    await begin(at_home, batches.manifest(f"1,Lamp,{shop.at('/a.jpg')}", f"2,Chair,{shop.late(1)}"))
    await is_so(at_home, "Lamp", "Image 1 is done")
    await at_home.tab.evaluate("() => { window.sameDocument = true }")

    api = working.processes["serve"]
    api.send_signal(end)
    api.wait()
    await at_home.shows("Reconnecting …")
    shop.gate.set()
    working.start("serve")
    await asyncio.to_thread(working._wait_until_ready, "serve", working.url)

    await is_so(at_home, "Chair", "Image 1 is done")
    await at_home.shows("Completed", exact=True)
    assert await at_home.tab.evaluate("() => window.sameDocument")
    assert at_home.faults == []


async def test_batches_stand_in_a_list_that_moves(at_home, shop, ann):
    await batches.created(ann, f"1,Lamp,{shop.late(1)}")
    await at_home.follow("Batches")
    await at_home.shows("goods.csv")
    shop.gate.set()

    await at_home.shows("Completed", exact=True)
    await at_home.tab.get_by_text("goods.csv").click()
    await at_home.heading("goods.csv")
