"""A batch of a hostile manifest: what is wrong with a row stays with that row, and the numbers always add up."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

import pytest

from tests import pictures
from tests.acceptance import batches
from tests.hostile.files import corpus
from tests.hostile.oracle import unharmed
from tests.processing.fetch.origin import ok

pytestmark = pytest.mark.mongo

FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1", "=HYPERLINK(1)")
PARTS = ("pending", "running", "succeeded", "failed", "cancelled")
END = """
query ($id: ID!) { batch(id: $id) {
  state url: resultUrl counts { total pending running succeeded failed cancelled }
  products(first: 50) { nodes { serialNumber inputImageUrls } }
  items(first: 50) { nodes { sourceUrl state failure { code } } }
} }
"""


@dataclass
class Ended:
    """A batch that has ended: its rows, all that was said meanwhile, and how it stands."""

    rows: list[tuple[str, str, str]]
    events: list[dict[str, Any]]
    batch: dict[str, Any]
    results: list[list[str]]
    fetches: list[str]


@pytest.fixture
async def ended(service, ann, shop):
    twice, poison = shop.url("/twice.jpg", "127.0.0.1"), shop.url("/poison.png", "127.0.0.1")
    shop.answers = {
        "/twice.jpg": ok(pictures.photo(40_000, seed=90)),
        "/poison.png": ok(pictures.undecodable_png()),
        "/svg": ok(corpus.SVG.encode() + b"</svg>", "Content-Type: image/png"),
    } | {f"/{n}.jpg": ok(pictures.photo(30_000, seed=91 + n)) for n in range(len(FORMULAS))}
    rows = [("9", "twice", twice), ("2", "poison", poison), ("10", "again", twice)]
    rows += [("3", "drawing", shop.url("/svg", "127.0.0.1")), ("4", "gone", shop.url("/404", "127.0.0.1"))]
    rows += [(str(20 + n), name, shop.url(f"/{n}.jpg", "127.0.0.1")) for n, name in enumerate(FORMULAS)]
    written = io.StringIO()
    csv.writer(written).writerows([batches.HEADER.split(","), *rows])
    async with unharmed(service):
        made = await batches.create(ann, written.getvalue().encode(), onInvalidRow="SKIP_ROWS")
        said = await ann.subscribe(batches.PROGRESS, id=made["batch"]["id"], after=0)
    batch = (await ann.data(END, id=made["batch"]["id"]))["batch"]
    async with ann.http.get(batch["url"]) as response:
        results = list(csv.reader(io.StringIO((await response.read()).decode("utf-8-sig"))))
    fetches = [head.split(" ")[1] for head in shop.heads]
    return Ended(rows, [payload["data"]["batchProgress"] for payload in said], batch, results, fetches)


async def test_c11_c12_c16_c17_c19_whatever_is_in_a_row_the_others_and_the_numbers_hold(ended):
    c17_the_counts_add_up_in_every_event(ended)
    c11_an_address_in_two_rows_is_fetched_once_and_answers_both(ended)
    c19_a_poison_row_fails_alone(ended)
    c16_rows_stay_in_the_order_of_the_manifest(ended)
    c12_no_cell_of_the_results_is_a_formula(ended)


def c17_the_counts_add_up_in_every_event(ended):
    counts = [event["counts"] for event in ended.events] + [ended.batch["counts"]]
    assert all(sum(each[part] for part in PARTS) == each["total"] for each in counts)
    assert [event["sequence"] for event in ended.events] == list(range(1, len(ended.events) + 1))
    assert counts[-1]["succeeded"] + counts[-1]["failed"] == counts[-1]["total"]


def c11_an_address_in_two_rows_is_fetched_once_and_answers_both(ended):
    assert ended.fetches.count("/twice.jpg") == 1
    states = [item["state"] for item in ended.batch["items"]["nodes"] if "/twice" in item["sourceUrl"]]
    assert states == ["SUCCEEDED"] * 2


def c19_a_poison_row_fails_alone(ended):
    failures = {
        item["sourceUrl"].rpartition("/")[2]: item["failure"]["code"]
        for item in ended.batch["items"]["nodes"]
        if item["failure"]
    }
    assert failures == {"poison.png": "NOT_DECODABLE", "svg": "UNSUPPORTED_FORMAT", "404": "NOT_FOUND"}
    assert ended.batch["state"] == "COMPLETED_WITH_ERRORS"


def c16_rows_stay_in_the_order_of_the_manifest(ended):
    taken = [row for row in ended.rows if not row[1].startswith("\t")]
    numbers = [product["serialNumber"] for product in ended.batch["products"]["nodes"]]
    assert [number for number in numbers if number in {row[0] for row in taken}] == [row[0] for row in taken]
    assert [row[0] for row in ended.results[1:]] == numbers


def c12_no_cell_of_the_results_is_a_formula(ended):
    cells = [cell for row in ended.results for cell in row]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    assert f"'{FORMULAS[0]}" in cells
