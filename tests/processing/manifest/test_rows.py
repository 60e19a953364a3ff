"""What a row may contain."""

from __future__ import annotations

import pytest

from processing.manifest import Limits
from tests.processing.manifest.manifests import HEADER, A, B, C, below_header, read


@pytest.mark.parametrize("number", ["1", "1.", "001", "A-1", "1 000", "①"])
async def test_a_serial_number_is_kept_as_it_is(number):
    read_as = await read(below_header(f" {number} ,SKU1,{A}"))

    assert (read_as.rows[0].serial_number, read_as.problems) == (number, [])


async def test_a_repeated_serial_number_is_used_with_a_warning():
    read_as = await read(below_header(f"1,SKU1,{A}", f"2,SKU2,{A}", f"1,SKU3,{A}"))

    assert len(read_as.rows) == 3
    assert read_as.found == [(4, "W_DUPLICATE_SERIAL_NUMBER")]


async def test_a_missing_serial_number_is_not_repeated():
    read_as = await read(below_header(f",SKU1,{A}", f",SKU2,{A}"))

    assert read_as.found == [(2, "MISSING_VALUE"), (3, "MISSING_VALUE")]


async def test_a_repeated_name_is_no_problem():
    read_as = await read(below_header(f"1,SKU1,{A}", f"2,SKU1,{A}"))

    assert (len(read_as.rows), read_as.problems) == (2, [])


async def test_names_are_composed():
    read_as = await read(below_header(f"1,Cafe\u0301,{A}"))

    assert read_as.rows[0].product_name == "Caf\u00e9"


@pytest.mark.parametrize("column", [0, 1])
async def test_texts_have_at_most_255_characters(column):
    cells = [["x" * length, "x" * length, A] for length in (255, 256)]
    lines = [",".join(part if at in (column, 2) else str(line) for at, part in enumerate(row))
             for line, row in enumerate(cells)]  # fmt: skip

    read_as = await read(below_header(*lines))

    assert [row.line for row in read_as.rows] == [2]
    assert read_as.found == [(3, "VALUE_TOO_LONG")]


async def test_characters_of_a_name_are_counted_when_it_is_composed():
    decomposed = "e\u0301" * 255

    read_as = await read(below_header(f"1,{decomposed},{A}"))

    assert read_as.rows[0].product_name == "\u00e9" * 255


@pytest.mark.parametrize("control", ["\x01", "\t", "\n", "\x7f", "\x85"])
async def test_names_have_no_control_characters(control):
    read_as = await read(below_header(f'1,"a{control}b",{A}'))

    assert read_as.found == [(2, "CONTROL_CHARACTER")]


@pytest.mark.parametrize("separator", [",", ", ", ";", " ; ", "|", "\n", ",\n", ",,", ", ,", ",;|"])
async def test_addresses_are_separated_by_commas_and_their_like(separator):
    read_as = await read(below_header(f'1,SKU1," {A}{separator}{B} ,"'))

    assert (read_as.urls, read_as.problems) == ([[A, B]], [])


@pytest.mark.parametrize("scheme", ["http", "https", "HTTP", "Https"])
async def test_addresses_begin_with_http_in_any_case(scheme):
    read_as = await read(below_header(f'1,SKU1,"{scheme}://a.test,{scheme}://b.test/ä?c=d#e"'))

    assert read_as.urls == [[f"{scheme}://a.test", f"{scheme}://b.test/ä?c=d#e"]]


async def test_a_repeated_address_keeps_its_position():
    read_as = await read(below_header(f'1,SKU1,"{A},{B},{A}"', f"2,SKU2,{A}"))

    assert read_as.urls == [[A, B, A], [A]]
    assert read_as.reading.image_count == 4


@pytest.mark.parametrize(
    "token", ["a.jpg", "ftp://cdn.test/a.jpg", "//cdn.test/a.jpg", "data:image/png;base64,AA"]
)
async def test_what_is_no_address_is_told_with_its_position(token):
    read_as = await read(below_header(f'1,SKU1,"{token},{A}"', f'2,SKU2,"{B};{C}"'))

    assert read_as.found == [(2, "NOT_A_URL")]
    assert read_as.problems[0].message.startswith(f"Image 1: `{token}`")
    assert read_as.urls == [[B, C]]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://user:secret@cdn.test/a.jpg", "URL_WITH_CREDENTIALS"),
        ("https://user@cdn.test/a.jpg", "URL_WITH_CREDENTIALS"),
        ("https://cdn.test/" + "x" * 2_032, "URL_TOO_LONG"),
        ("https://cdn.test/a b.jpg", "INVALID_URL"),
        ("https:///a.jpg", "INVALID_URL"),
        ("https://cdn.test:99999/a.jpg", "INVALID_URL"),
        ("https://0x7f.1/a.jpg", "INVALID_URL"),
    ],
)
async def test_c15_an_address_that_cannot_be_fetched_is_told_with_its_position(url, code):
    read_as = await read(below_header(f'1,SKU1,"{A},{url}"'))

    assert (read_as.rows, read_as.found) == ([], [(2, code)])
    assert read_as.problems[0].message.startswith("Image 2: ")
    assert "secret" not in read_as.problems[0].message


async def test_an_address_may_have_2048_characters():
    longest = "https://cdn.test/" + "x" * 2_031

    read_as = await read(below_header(f"1,SKU1,{longest}"))

    assert read_as.urls == [[longest]]
    assert (await read(below_header(f"1,SKU1,{longest}x"))).found == [(2, "URL_TOO_LONG")]


async def test_all_addresses_that_are_wrong_are_told_at_once():
    read_as = await read(below_header(f'1,,"a.jpg,{A},https://x y,https://u@cdn.test"', ",SKU2,b.jpg"))

    assert [code for _, code in read_as.found] == [
        "MISSING_VALUE", "NOT_A_URL", "INVALID_URL", "URL_WITH_CREDENTIALS", "MISSING_VALUE", "NOT_A_URL",
    ]  # fmt: skip


async def test_a_row_has_at_most_as_many_images_as_allowed():
    lines = [f'{count},SKU,"{",".join([A] * count)}"' for count in (100, 101)]

    read_as = await read(below_header(*lines))

    assert [len(urls) for urls in read_as.urls] == [100]
    assert read_as.found == [(3, "TOO_MANY_URLS")]


async def test_another_number_of_images_may_be_allowed():
    read_as = await read(below_header(f'1,SKU,"{A},{B}"'), Limits(max_urls_per_row=1))

    assert read_as.found == [(2, "TOO_MANY_URLS")]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "'=1", "''-1"])
async def test_the_guard_of_a_formula_is_taken_off(text):
    read_as = await read(below_header(f"'{text},'{text},{A}"))

    assert (read_as.rows[0].serial_number, read_as.rows[0].product_name) == (text, text)


async def test_what_a_guard_has_hidden_is_trimmed():
    read_as = await read(below_header(f"\"'\t1\",'\tSKU1,{A}"))

    assert (read_as.rows[0].serial_number, read_as.rows[0].product_name) == ("1", "SKU1")


async def test_an_apostrophe_that_guards_nothing_stays():
    read_as = await read(below_header(f"1,'90s,{A}"))

    assert read_as.rows[0].product_name == "'90s"


@pytest.mark.parametrize("blank", ["", " ", "  \t ", '""'])
async def test_blank_lines_are_skipped(blank):
    read_as = await read(f"{blank}\n{HEADER}\n{blank}\n1,SKU1,{A}\n{blank}\n{blank}")

    assert [row.line for row in read_as.rows] == [4]
    assert (read_as.reading.row_count, read_as.problems) == (1, [])


async def test_a_row_of_delimiters_has_three_empty_cells():
    read_as = await read(below_header(",,", f"1,SKU1,{A}"))

    assert read_as.found == [(2, "MISSING_VALUE")] * 3
    assert [problem.column for problem in read_as.problems] == HEADER.split(",")


async def test_a_short_row_lacks_the_rest():
    read_as = await read(below_header("1,SKU1", "2"))

    assert [(problem.line, problem.column) for problem in read_as.problems] == [
        (2, "Input Image Urls"),
        (3, "Product Name"),
        (3, "Input Image Urls"),
    ]


async def test_commas_inside_addresses_separate_nothing():
    urls = [
        "https://res.cloudinary.com/demo/image/upload/w_100,h_100/a.jpg",
        "https://ik.imagekit.io/demo/tr:w-300,h-300/b.jpg",
        "http://cdn.test/c.jpg?crop=1,2,3,4",
    ]

    read_as = await read(below_header(f'1,SKU1,"{",".join(urls)}"'))

    assert read_as.urls == [urls]
