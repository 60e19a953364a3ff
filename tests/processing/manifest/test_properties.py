"""What holds of every manifest."""

from __future__ import annotations

import codecs
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import UserError
from models.batch_item import BatchItemState
from processing.manifest import Limits
from processing.manifest.outcomes import ItemOutcome, ProductOutcome
from processing.manifest.problems import Code
from processing.manifest.results import ResultFormat
from tests.processing.manifest.manifests import HEADER, LIMITS, A, B, read
from tests.processing.manifest.outcomes import cells_of, failed, file_of, succeeded

CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("=+-@',;|\" \u0301")
NAMES = (
    st.text(CHARACTERS, min_size=1, max_size=40)
    .map(lambda text: unicodedata.normalize("NFC", text).strip())
    .filter(bool)
)
NUMBERS = (st.text(CHARACTERS | st.sampled_from("\n\r\t"), min_size=1, max_size=12).map(str.strip)).filter(
    bool
)
PATHS = st.text(st.characters(codec="ascii", exclude_characters=" \\", min_codepoint=33, max_codepoint=126))
URLS = st.builds("http{}://cdn.test/{}.jpg".format, st.sampled_from(["", "s"]), PATHS).filter(
    lambda url: not any(separator + "http" in url.lower() for separator in ",;|")
)
ITEMS = st.builds(lambda url, made: (succeeded if made else failed)(1, url), URLS, st.booleans())
PRODUCTS = st.builds(ProductOutcome, NUMBERS, NAMES, st.lists(ITEMS, min_size=1, max_size=5))

PARTS = [
    HEADER, "sep=;", "1,SKU1,", A, B, f'"{A},{B}"', "https://", "a.jpg", ",", ",,", ";", "|", "\t", " ", '"', '""',
    "\n", "\r\n", "\r", "\0", "Café", "😀", "\u2028", "=1", "'", "x" * 300, "S. No.", "Product Name", "Images", "Notes",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PARTS)).map("".join)
LONG_TEXTS = st.lists(st.sampled_from(PARTS), min_size=12).map("".join)
BELOW_HEADERS = (TEXTS | LONG_TEXTS).map(lambda text: f"{HEADER}\n1,SKU1,{A}\n{text}")
ENCODINGS = st.sampled_from(
    [(b"", "utf-8"), (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (b"", "cp1252")]
)
MANIFESTS = st.builds(
    lambda text, encoding: encoding[0] + text.encode(encoding[1], "ignore"), TEXTS | BELOW_HEADERS, ENCODINGS
)
SMALL = Limits(max_bytes=2_000, max_rows=20, max_images=20, max_urls_per_row=3)


@given(
    st.lists(PRODUCTS, min_size=1, max_size=6), st.sampled_from([ResultFormat.CSV, ResultFormat.EXTENDED_CSV])
)
async def test_what_is_exported_reads_back_as_the_items(products, result_format):
    file = await file_of(products, result_format)

    read_as = await read(file)

    assert [(row.serial_number, row.product_name, row.image_urls) for row in read_as.rows] == [
        (product.serial_number, product.name, tuple(item.source_url for item in product.items))
        for product in products
    ]
    assert read_as.codes <= {Code.W_UNKNOWN_COLUMN, Code.W_DUPLICATE_SERIAL_NUMBER}
    for cells, product in zip(cells_of(file)[1:], products, strict=True):
        assert cells[3].split(",") == [item.output_url or "" for item in product.items]


@given(BELOW_HEADERS)
async def test_c16_what_was_read_is_exported_and_read_again_as_it_was(manifest):
    first = await read(manifest)
    pending = [
        ProductOutcome(
            row.serial_number,
            row.product_name,
            [ItemOutcome(at, url, BatchItemState.PENDING) for at, url in enumerate(row.image_urls)],
        )
        for row in first.rows
    ]

    again = await read(await file_of(pending))

    assert [(row.serial_number, row.product_name, row.image_urls) for row in again.rows] == [
        (row.serial_number, row.product_name, row.image_urls) for row in first.rows
    ]


@given(MANIFESTS, st.data())
async def test_any_cut_gives_the_same_rows_and_problems(manifest, data):
    ends = sorted(data.draw(st.lists(st.integers(0, len(manifest)))))
    pieces = [manifest[a:b] for a, b in zip([0, *ends], [*ends, len(manifest)], strict=True)]

    assert (await read(pieces)).everything == (await read(manifest)).everything


@given(BELOW_HEADERS, ENCODINGS, st.integers(128, 200))
async def test_any_size_of_blocks_gives_the_same_rows_and_problems(text, encoding, block_bytes):
    manifest = encoding[0] + text.encode(encoding[1], "ignore")

    assert (await read(manifest, block_bytes=block_bytes)).everything == (await read(manifest)).everything


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
async def test_rows_reach_from_block_to_block(end, codec):
    lines = [f'{n},"Café 😀, {n}","{A}{end}{B}"{end}' for n in range(10)]
    manifest = f"{HEADER}{end}{end}{''.join(lines)}".encode(codec)
    whole = await read(manifest)

    assert [row.image_urls for row in whole.rows] == [(A, B)] * 10
    for block_bytes in range(80, 200):
        assert (await read(manifest, block_bytes=block_bytes)).everything == whole.everything


@given(
    st.binary(max_size=4_000) | st.binary(max_size=200).map(lambda junk: HEADER.encode() + b"\n" + junk * 20)
)
async def test_any_bytes_are_read_or_refused(junk):
    for limits in (LIMITS, SMALL):
        try:
            read_as = await read(junk, limits)
        except UserError:
            continue
        assert read_as.rows or read_as.problems


@given(MANIFESTS)
async def test_every_row_is_taken_or_told(manifest):
    read_as = await read(manifest)

    reading = read_as.reading
    taken = {row.line for row in read_as.rows}
    told = {problem.line for problem in read_as.problems if problem.severity == "ERROR"}
    assert taken.isdisjoint(told)
    assert reading.problems.count == len(read_as.problems)
    assert reading.image_count == sum(len(row.image_urls) for row in read_as.rows)
    if not reading.is_broken:
        assert len(taken) + len(told) == reading.row_count


@given(MANIFESTS)
async def test_problems_can_be_sent(manifest):
    read_as = await read(manifest)

    for problem in read_as.problems:
        assert (problem.message + problem.hint + (problem.column or "")).encode()
        assert problem.line >= 1
