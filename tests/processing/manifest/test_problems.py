"""What is wrong is told all at once, up to a thousand times, and decides whether there is a batch."""

from __future__ import annotations

import pytest

from processing.manifest import Code, Limits, OnInvalidRow, Severity
from processing.manifest.problems import HINTS
from tests.processing.manifest.manifests import HEADER, A, below_header, read

GOOD = f"1,SKU1,{A}"
OF_FILES = {
    Code.EMPTY_FILE: "",
    Code.NO_ROWS: HEADER,
    Code.MISSING_COLUMN: below_header(GOOD, header="S. No.,Product Name"),
    Code.DUPLICATE_COLUMN: below_header(GOOD, header=f"{HEADER},SKU"),
    Code.UNTERMINATED_QUOTE: below_header(GOOD, '2,"SKU'),
    Code.ROW_TOO_LONG: below_header(GOOD, "x" * 2**21),
    Code.TOO_MANY_COLUMNS: below_header(GOOD, header=HEADER + "".join(f",c{n}" for n in range(998))),
    Code.TOO_MANY_ROWS: below_header(*[GOOD] * 4),
    Code.TOO_MANY_IMAGES: below_header(f'1,SKU,"{",".join([A] * 6)}"'),
}
OF_ROWS = {
    Code.MISPLACED_QUOTE: '2,"a"b,c',
    Code.INVALID_ENCODING: f"2,\udce9,{A}",
    Code.NUL_CHARACTER: f"2,\0,{A}",
    Code.SURPLUS_CELLS: f"2,SKU,{A},x",
    Code.MISSING_VALUE: f"2,,{A}",
    Code.VALUE_TOO_LONG: f"2,{'x' * 256},{A}",
    Code.CONTROL_CHARACTER: f"2,a\tb,{A}",
    Code.TOO_MANY_URLS: f'2,SKU,"{",".join([A] * 4)}"',
    Code.NOT_A_URL: "2,SKU,a.jpg",
    Code.INVALID_URL: "2,SKU,https://a b",
    Code.URL_WITH_CREDENTIALS: "2,SKU,https://a@cdn.test",
    Code.URL_TOO_LONG: f"2,SKU,{A}{'x' * 2_048}",
}
WARNINGS = {
    Code.W_RAGGED_MERGED: below_header(GOOD, f"2,SKU,{A},{A}"),
    Code.W_QUOTED_LINE: below_header(GOOD, f'"2,SKU,{A}"'),
    Code.W_UNKNOWN_COLUMN: below_header(GOOD, header=f"{HEADER},Brand"),
    Code.W_DUPLICATE_SERIAL_NUMBER: below_header(GOOD, GOOD),
}
SMALL = Limits(max_rows=3, max_images=5, max_urls_per_row=3)


async def read_small(manifest):
    return await read(manifest.encode(errors="surrogateescape"), SMALL)


def test_these_are_all_problems():
    assert OF_FILES.keys() | OF_ROWS.keys() | WARNINGS.keys() == set(Code)


@pytest.mark.parametrize("code", OF_FILES)
async def test_a_problem_of_the_file_leaves_nothing_to_take(code):
    read_as = await read_small(OF_FILES[code])

    assert code in read_as.codes
    assert not read_as.reading.is_accepted(OnInvalidRow.SKIP_ROWS)


@pytest.mark.parametrize("code", OF_ROWS)
async def test_a_problem_of_a_row_leaves_the_others(code):
    read_as = await read_small(below_header(GOOD, OF_ROWS[code]))

    assert read_as.codes == {code}
    assert [row.line for row in read_as.rows] == [2]
    assert (read_as.reading.row_count, read_as.reading.image_count) == (2, 1)
    assert read_as.reading.is_accepted(OnInvalidRow.SKIP_ROWS)
    assert not read_as.reading.is_accepted(OnInvalidRow.REJECT_FILE)


@pytest.mark.parametrize("code", WARNINGS)
async def test_a_warning_leaves_all_rows(code):
    read_as = await read_small(WARNINGS[code])

    assert read_as.codes == {code}
    assert len(read_as.rows) == read_as.reading.row_count
    assert read_as.reading.is_accepted(OnInvalidRow.REJECT_FILE)


@pytest.mark.parametrize("code", Code)
def test_every_problem_has_a_hint_and_only_warnings_begin_with_w(code):
    assert HINTS[code].endswith(".")
    assert code.startswith("W_") == (code in WARNINGS)


async def test_nothing_is_taken_when_every_row_is_skipped():
    read_as = await read(below_header("1,,", "2,,"))

    assert not read_as.reading.is_broken
    assert not read_as.reading.is_accepted(OnInvalidRow.SKIP_ROWS)


async def test_the_first_thousand_problems_are_kept_and_all_are_counted():
    read_as = await read(below_header(*["1,SKU,"] * 1_500))

    assert [problem.line for problem in read_as.problems if problem.severity is Severity.ERROR] == [
        *range(2, 1_002)
    ]
    assert read_as.reading.problems.count == 1_500 + 1_499
    assert read_as.reading.problems.error_count == 1_500


async def test_an_error_behind_a_thousand_warnings_is_told():
    ragged = [f"{n},SKU,{A},{A}" for n in range(1_200)]

    read_as = await read(below_header(*ragged, "2000,SKU,"))

    assert len(read_as.problems) == 1_000
    assert read_as.found[-1] == (1_202, "MISSING_VALUE")
    assert read_as.found[:2] == [(2, "W_RAGGED_MERGED"), (3, "W_RAGGED_MERGED")]


async def test_messages_repeat_little_of_what_was_sent():
    read_as = await read(below_header(f"1,SKU,{'x' * 10_000}", header=f"{HEADER},{'y' * 10_000}"))

    assert all(len(problem.message) + len(problem.column) < 300 for problem in read_as.problems)
