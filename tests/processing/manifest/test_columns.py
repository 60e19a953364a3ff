"""The header says which column is which."""

from __future__ import annotations

import pytest

from tests.processing.manifest.manifests import HEADER, A, B, below_header, read

SERIAL_NUMBERS = ["S. No.", "S.No", "Sr No", "Serial Number", "Serial No", "#", "s_no", " SERIAL  NO. "]
NAMES = ["Product Name", "Product", "SKU", "Name", "product_name", "PRODUCT-NAME", "productName"]
URLS = [
    "Input Image Urls",
    "Input Image URL",
    "Image Urls",
    "Images",
    "Urls",
    "image-urls",
    "INPUT_IMAGE_URLS",
]


@pytest.mark.parametrize("heading", SERIAL_NUMBERS)
async def test_the_serial_number_has_many_names(heading):
    read_as = await read(below_header(f"7,SKU1,{A}", header=f"{heading},Product Name,Input Image Urls"))

    assert (read_as.rows[0].serial_number, read_as.problems) == ("7", [])


@pytest.mark.parametrize("heading", NAMES)
async def test_the_product_has_many_names(heading):
    read_as = await read(below_header(f"7,SKU1,{A}", header=f"S. No.,{heading},Input Image Urls"))

    assert (read_as.rows[0].product_name, read_as.problems) == ("SKU1", [])


@pytest.mark.parametrize("heading", URLS)
async def test_the_addresses_have_many_names(heading):
    read_as = await read(below_header(f"7,SKU1,{A}", header=f"S. No.,Product Name,{heading}"))

    assert (read_as.urls, read_as.problems) == ([[A]], [])


async def test_columns_come_in_any_order():
    read_as = await read(below_header(f'"{A},{B}",1,SKU1', header="Images,#,SKU"))

    row = read_as.rows[0]
    assert (row.serial_number, row.product_name, row.image_urls) == ("1", "SKU1", (A, B))


async def test_a_heading_may_have_a_line_end_in_it():
    read_as = await read(below_header(f"1,SKU1,{A}", header='S. No.,"Product\nName",Input Image Urls'))

    assert [row.line for row in read_as.rows] == [3]


async def test_c8_all_missing_columns_are_told_at_once():
    read_as = await read(f"1,SKU1,{A}\n2,SKU2,{B}\n")

    assert read_as.found == [(1, "MISSING_COLUMN")] * 3
    assert [problem.column for problem in read_as.problems] == HEADER.split(",")
    assert read_as.reading.is_broken


async def test_c8_unknown_columns_are_kept_with_a_warning():
    header = "Brand,S. No.,Product Name,Colour,Input Image Urls,Notes"
    lines = [f" Acme ,1,SKU1,red,{A},", f"Acme,2,SKU2,blue,{A}"]

    read_as = await read(below_header(*lines, header=header))

    assert read_as.found == [(1, "W_UNKNOWN_COLUMN")] * 3
    assert [problem.column for problem in read_as.problems] == ["Brand", "Colour", "Notes"]
    assert read_as.reading.extra_headings == ("Brand", "Colour", "Notes")
    assert [row.extra for row in read_as.rows] == [("Acme", "red", ""), ("Acme", "blue")]


async def test_the_columns_of_earlier_results_are_not_kept():
    header = f"{HEADER},Output Image Urls,Status,Failed Count,Errors,Bytes In,Bytes Out,Ratio,Brand"

    read_as = await read(below_header(f"1,SKU1,{A},{B},COMPLETED,0,,9,5,0.5,Acme", header=header))

    assert read_as.reading.extra_headings == ("Brand",)
    assert read_as.rows[0].extra == ("Acme",)


async def test_the_guard_of_a_heading_is_taken_off():
    read_as = await read(below_header(f"1,SKU1,{A},x", header=f"{HEADER},'=Brand"))

    assert read_as.reading.extra_headings == ("=Brand",)


async def test_a_heading_of_punctuation_is_not_another_of_punctuation():
    read_as = await read(below_header(f"1,SKU1,{A},x,y", header="#,SKU,Images,*,**"))

    assert read_as.reading.extra_headings == ("*", "**")


async def test_columns_without_headings_are_not_the_same():
    read_as = await read(below_header(f"1,x,SKU1,y,{A}", header="S. No.,,Product Name,,Input Image Urls"))

    assert read_as.rows[0].extra == ("x", "y")


async def test_two_unknown_columns_of_one_name_are_refused():
    read_as = await read(below_header(f"1,SKU1,{A},x,y", header=f"{HEADER},Notes,notes"))

    assert read_as.found == [(1, "DUPLICATE_COLUMN")]


async def test_c10_there_are_at_most_a_thousand_columns():
    most = HEADER + "".join(f",c{n}" for n in range(997))

    taken = await read(below_header(f"1,SKU1,{A}", header=most))
    refused = await read(below_header(f"1,SKU1,{A}", header=f"{most},one more"))

    assert taken.urls == [[A]]
    assert refused.found == [(1, "TOO_MANY_COLUMNS")]
