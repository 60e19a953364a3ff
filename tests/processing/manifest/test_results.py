"""Results stand where their images stood."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from models.batch_item import BatchItemState
from processing.manifest.outcomes import ItemOutcome, ProductOutcome
from processing.manifest.results import ResultFormat, written
from tests.processing.manifest.manifests import A, B, C
from tests.processing.manifest.outcomes import cells_of, failed, file_of, stream, succeeded

MIXED = ProductOutcome("1", "SKU1", [succeeded(1, A), failed(2, B), succeeded(3, C, 3_000, 1_000)])
PLAIN = ProductOutcome("2", "SKU2", [succeeded(1, A)])


async def test_a_failed_image_leaves_an_empty_slot():
    assert await file_of([MIXED, PLAIN]) == (
        b"S. No.,Product Name,Input Image Urls,Output Image Urls\r\n"
        b'1,SKU1,"https://cdn.test/a.jpg,https://cdn.test/b.jpg,https://cdn.test/c.jpg",'
        b'"https://o.test/1.jpg,,https://o.test/3.jpg"\r\n'
        b"2,SKU2,https://cdn.test/a.jpg,https://o.test/1.jpg\r\n"
    )


@pytest.mark.parametrize(
    "state", [state for state in BatchItemState if state is not BatchItemState.SUCCEEDED]
)
async def test_what_has_not_succeeded_has_no_output(state):
    items = [ItemOutcome(at, A, state, output_url="https://o.test/1.jpg") for at in (1, 2)]

    cells = cells_of(await file_of([ProductOutcome("1", "SKU1", items)]))

    assert cells[1][3] == ","


async def test_a_comma_in_an_output_takes_no_slot():
    item = replace(succeeded(1, A), output_url="https://o.test/a,b.jpg")

    cells = cells_of(await file_of([ProductOutcome("1", "SKU1", [item])]))

    assert cells[1][3] == "https://o.test/a%2Cb.jpg"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\ta", "\ra", "'=1", "''-1"])
async def test_c12_no_cell_is_a_formula(text):
    product = ProductOutcome(text, text, [succeeded(1, A)], extra=[text])

    cells = cells_of(await file_of([product], ResultFormat.EXTENDED_CSV, [text]))

    assert cells[0][-1] == cells[1][0] == cells[1][1] == cells[1][-1] == f"'{text}"


@pytest.mark.parametrize("text", ["1=1", "a-b", "'90s", "a@b", ""])
async def test_other_cells_are_as_they_are(text):
    cells = cells_of(await file_of([ProductOutcome("1", text, [])]))

    assert cells[1][1] == text


async def test_quotes_stand_only_where_they_are_needed():
    names = ["plain", "a b", 'a "b"', "a,b", "a;b", "ä", "a\nb"]

    lines = (await file_of([ProductOutcome("1", name, [succeeded(1, A)]) for name in names])).decode()

    between = [line.removeprefix("1,").partition(",https:")[0] for line in lines.split("\r\n")[1:-1]]
    assert between == ["plain", "a b", '"a ""b"""', '"a,b"', "a;b", "ä", '"a\nb"']


async def test_extended_results_say_more_and_repeat_the_manifests_own_columns():
    mixed, plain = replace(MIXED, extra=["red", "Acme"]), replace(PLAIN, extra=["blue"])

    head, *rows = cells_of(await file_of([mixed, plain], ResultFormat.EXTENDED_CSV, ["Colour", "Brand"]))

    assert head == [
        "S. No.", "Product Name", "Input Image Urls", "Output Image Urls",
        "Status", "Failed Count", "Errors", "Bytes In", "Bytes Out", "Ratio", "Colour", "Brand",
    ]  # fmt: skip
    error = "2: FETCH_FAILED: No image could be fetched from this address."
    assert rows[0][4:] == ["COMPLETED_WITH_ERRORS", "1", error, "4000", "1400", "0.3500", "red", "Acme"]
    assert rows[1][4:] == ["COMPLETED", "0", "", "1000", "400", "0.4000", "blue", ""]


async def test_there_is_no_ratio_before_there_are_bytes():
    product = ProductOutcome("1", "SKU1", [failed(1, A)])

    rows = cells_of(await file_of([product], ResultFormat.EXTENDED_CSV))

    assert rows[1][7:] == ["0", "0", ""]


@pytest.mark.parametrize(
    ("states", "status"),
    [
        ("PENDING PENDING", "QUEUED"),
        ("PENDING SUCCEEDED", "RUNNING"),
        ("RUNNING FAILED", "RUNNING"),
        ("PENDING CANCELLED", "RUNNING"),
        ("SUCCEEDED CANCELLED", "CANCELLED"),
        ("FAILED CANCELLED", "CANCELLED"),
        ("SUCCEEDED SUCCEEDED", "COMPLETED"),
        ("SUCCEEDED FAILED", "COMPLETED_WITH_ERRORS"),
        ("FAILED FAILED", "FAILED"),
    ],
)
def test_a_product_has_the_state_that_a_batch_of_it_would_have(states, status):
    items = [ItemOutcome(1, A, BatchItemState(state)) for state in states.split()]

    assert ProductOutcome("1", "SKU1", items).status == status


async def test_json_lines_have_one_object_for_each_image():
    lines = (await file_of([MIXED, PLAIN], ResultFormat.JSONL)).split(b"\n")

    objects = [json.loads(line) for line in lines[:-1]]
    assert lines[-1] == b""
    assert [(o["serialNumber"], o["position"]) for o in objects] == [("1", 1), ("1", 2), ("1", 3), ("2", 1)]
    assert objects[0] == {
        "serialNumber": "1", "productName": "SKU1", "position": 1, "sourceUrl": A,
        "outputUrl": "https://o.test/1.jpg", "state": "SUCCEEDED", "failure": None,
        "bytesIn": 1000, "bytesOut": 400, "keptOriginal": False,
    }  # fmt: skip
    assert objects[1]["outputUrl"] is None
    assert objects[1]["failure"] == {
        "code": "FETCH_FAILED", "message": "No image could be fetched from this address.", "retryable": True,
    }  # fmt: skip


@pytest.mark.parametrize("result_format", ResultFormat)
async def test_the_same_outcomes_give_the_same_bytes(result_format):
    assert await file_of([MIXED, PLAIN], result_format) == await file_of([MIXED, PLAIN], result_format)


@pytest.mark.parametrize("result_format", ResultFormat)
async def test_a_long_file_is_written_in_pieces(result_format):
    products = [PLAIN] * 10_000

    pieces = [piece async for piece in written(result_format, stream(products))]

    assert b"".join(pieces) == await file_of(products, result_format)
    assert len(pieces) > 5
    assert all(2**16 <= len(piece) < 2**17 for piece in pieces[:-1])


async def test_results_of_nothing_are_a_header():
    assert await file_of([]) == b"S. No.,Product Name,Input Image Urls,Output Image Urls\r\n"
    assert await file_of([], ResultFormat.JSONL) == b""
