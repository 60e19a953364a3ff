"""Each way to write a manifest that is really met."""

from __future__ import annotations

import codecs

import pytest

from errors import UnsupportedFormatError
from processing.manifest import Code
from tests.processing.manifest.manifests import HEADER, A, B, C, below_header, read


async def test_addresses_in_a_quoted_cell_are_the_images_of_the_row():
    read_as = await read(below_header(f'1,SKU1,"{A},{B}"', f"2,SKU2,{C}"))

    assert [(row.line, row.serial_number, row.product_name) for row in read_as.rows] == [
        (2, "1", "SKU1"),
        (3, "2", "SKU2"),
    ]
    assert read_as.urls == [[A, B], [C]]
    assert read_as.problems == []
    assert (read_as.reading.row_count, read_as.reading.image_count) == (2, 3)


async def test_addresses_without_quotes_are_all_kept_with_a_warning():
    read_as = await read(below_header(f"1,SKU1,{A},{B}, {C}"))

    assert read_as.urls == [[A, B, C]]
    assert read_as.found == [(2, "W_RAGGED_MERGED")]
    assert read_as.problems[0].column == "Input Image Urls"


async def test_surplus_cells_are_not_merged_unless_each_is_an_address():
    read_as = await read(below_header(f"1,SKU1,{A},more,{B}"))

    assert read_as.found == [(2, "SURPLUS_CELLS")]


async def test_surplus_cells_are_not_merged_unless_the_addresses_are_the_last_column():
    header = "S. No.,Input Image Urls,Product Name"

    read_as = await read(below_header(f"1,{A},SKU1,{B}", header=header))

    assert read_as.found == [(2, "SURPLUS_CELLS")]


async def test_empty_surplus_cells_are_nothing():
    read_as = await read(below_header(f"1,SKU1,{A},,", header=f"{HEADER},,"))

    assert read_as.urls == [[A]]
    assert read_as.problems == []


async def test_spaces_before_a_quote_do_not_hide_it():
    read_as = await read(below_header(f'1, "SKU 1, red", "{A}, {B}"'))

    assert read_as.rows[0].product_name == "SKU 1, red"
    assert read_as.urls == [[A, B]]


async def test_c1_a_utf_8_mark_is_no_part_of_the_header():
    read_as = await read(codecs.BOM_UTF8 + below_header(f"1,Café,{A}").encode())

    assert read_as.rows[0].product_name == "Café"
    assert (read_as.reading.encoding, read_as.problems) == ("UTF-8", [])


async def test_c1_a_utf_8_mark_is_no_part_of_a_declaration():
    header = HEADER.replace(",", ";")

    read_as = await read(codecs.BOM_UTF8 + f"sep=;\r\n{header}\r\n1;Café;{A}".encode())

    assert [row.product_name for row in read_as.rows] == ["Café"]
    assert read_as.problems == []


@pytest.mark.parametrize(
    ("mark", "codec"), [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")]
)
async def test_c1_utf_16_with_a_mark_is_read(mark, codec):
    text = below_header(f"1\tCafé 😀\t{A}", header=HEADER.replace(",", "\t"))

    read_as = await read(mark + text.encode(codec))

    assert [row.product_name for row in read_as.rows] == ["Café 😀"]
    assert (read_as.reading.encoding, read_as.reading.delimiter) == ("UTF-16", "\t")


async def test_c1_bytes_of_another_encoding_are_told_with_their_lines_and_the_rest_is_read():
    lines = [f"1,SKU1,{A}", f"2,Café,{A}", f"3,SKU3,{A}", f"4,Crème,{A}"]

    read_as = await read(below_header(*lines).encode("cp1252"))

    assert read_as.found == [(3, "INVALID_ENCODING"), (5, "INVALID_ENCODING")]
    assert [row.line for row in read_as.rows] == [2, 4]


@pytest.mark.parametrize("spoilt", [b"\x00\xd8\x0a\x00", b"\x3d\xd8", b"\x41"])
async def test_broken_utf_16_is_told_with_its_line(spoilt):
    read_as = await read(codecs.BOM_UTF16_LE + below_header("").encode("utf-16-le") + spoilt)

    assert read_as.found == [(3, "INVALID_ENCODING")]


async def test_bytes_of_another_encoding_in_the_header_leave_nothing_to_read():
    read_as = await read(below_header(f"1,SKU1,{A}", header=f"{HEADER},Größe").encode("cp1252"))

    assert read_as.found == [(1, "INVALID_ENCODING")]
    assert read_as.reading.is_broken


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
async def test_the_delimiter_is_seen_in_the_header(delimiter):
    header = HEADER.replace(",", delimiter)
    cells = delimiter.join(["1", '"a, b; c | d"', f'"{A},{B}"'])

    read_as = await read(below_header(cells, header=header))

    assert read_as.reading.delimiter == delimiter
    assert read_as.rows[0].product_name == "a, b; c | d"
    assert read_as.urls == [[A, B]]


async def test_commas_in_rows_do_not_outvote_the_header():
    read_as = await read(below_header(f"1;a,b,c,d;{A},{B},{C}", header=HEADER.replace(",", ";")))

    assert read_as.rows[0].product_name == "a,b,c,d"
    assert read_as.urls == [[A, B, C]]


@pytest.mark.parametrize("notes", ["Notes", "Notes, a, b, c, d, e", '"Notes, a; b, c"'])
async def test_the_delimiter_is_seen_in_a_header_whose_headings_contain_others(notes):
    header = f'S. No.;"Product, Name";Input|Image|Urls;{notes}'

    read_as = await read(below_header(f"1;SKU1;{A}", header=header))

    assert (read_as.reading.delimiter, read_as.urls) == (";", [[A]])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
async def test_c13_a_first_line_may_declare_the_delimiter(end):
    lines = ["sep=;", HEADER.replace(",", ";"), f"1;SKU1;{A}", "2;SKU2;"]

    read_as = await read(end.join(lines))

    assert (read_as.reading.delimiter, read_as.urls) == (";", [[A]])
    assert read_as.found == [(4, "MISSING_VALUE")]


async def test_no_later_line_declares_the_delimiter():
    read_as = await read(below_header("sep=,", f"1,SKU1,{A}"))

    assert read_as.found == [(2, "MISSING_VALUE")] * 2
    assert read_as.urls == [[A]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
async def test_c2_lines_end_in_any_of_three_ways(end):
    read_as = await read(end.join([HEADER, f'1,SKU1,"{A},{B}"', "", f"2,SKU2,{C}"]))

    assert [row.line for row in read_as.rows] == [2, 4]
    assert read_as.problems == []


async def test_c2_lines_may_end_in_different_ways():
    read_as = await read(f"{HEADER}\r\n1,SKU1,{A}\r2,SKU2,{B}\n3,SKU3,{C}")

    assert [row.line for row in read_as.rows] == [2, 3, 4]


async def test_line_ends_of_other_alphabets_end_no_line():
    read_as = await read(below_header(f"1,a\u2028b\u2029c,{A}"))

    assert read_as.rows[0].product_name == "a\u2028b\u2029c"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ",\n", ";\r\n  "])
async def test_a_line_end_in_a_quoted_cell_separates_addresses(end):
    read_as = await read(below_header(f'1,SKU1,"{A}{end}{B}"', f"2,,{C}"))

    assert read_as.urls == [[A, B]]
    assert read_as.found == [(2 + end.count("\n") + (end == "\r") + 1, "MISSING_VALUE")]


@pytest.mark.parametrize("delimiter", [",", ";"])
async def test_lines_in_quotes_as_a_whole_are_read_with_a_warning(delimiter):
    lines = [HEADER.split(","), ["1", "SKU1", f'""{A},{B}""'], ["2", "SKU2", C]]
    header, *rows = (f'"{delimiter.join(line)}"' for line in lines)

    read_as = await read(below_header(*rows, header=header))

    assert read_as.urls == [[A, B], [C]]
    assert read_as.found == [(1, "W_QUOTED_LINE"), (2, "W_QUOTED_LINE"), (3, "W_QUOTED_LINE")]


async def test_two_lines_in_one_pair_of_quotes_are_not_taken_for_one():
    read_as = await read(below_header(f'"1,SKU1,{A}\n2,SKU2,{B}"', '"1,SKU1"'))

    assert read_as.urls == []
    assert read_as.codes == {Code.MISSING_VALUE}


async def test_c5_a_quote_that_never_closes_is_told_with_its_line():
    read_as = await read(below_header(f"1,SKU1,{A}", f'2,"SKU2,{B}', f"3,SKU3,{C}"))

    assert read_as.found == [(3, "UNTERMINATED_QUOTE")]
    assert [row.line for row in read_as.rows] == [2]
    assert read_as.reading.is_broken


async def test_a_misplaced_quote_spoils_its_own_row_only():
    read_as = await read(below_header(f'1,"SKU"1,{A}', f"2,SKU2,{B}", f'3,"SKU3" ,{C}'))

    assert read_as.found == [(2, "MISPLACED_QUOTE"), (4, "MISPLACED_QUOTE")]
    assert read_as.urls == [[B]]


async def test_a_misplaced_quote_is_told_with_all_lines_that_it_swallows():
    read_as = await read(below_header(f'1,"SKU1,{A}', f"2,SKU2,{A}", f'3,"SKU3",{A}', f"4,SKU4,{B}"))

    assert read_as.found == [(2, "MISPLACED_QUOTE")]
    assert "lines 2 to 4 cannot be read" in read_as.problems[0].message
    assert read_as.urls == [[B]]


async def test_c6_quotes_inside_cells_are_text():
    read_as = await read(below_header(f'1,19" screen,{A}', f'2,"19"" screen",{B}'))

    assert [row.product_name for row in read_as.rows] == ['19" screen', '19" screen']


async def test_c7_a_nul_byte_spoils_its_row():
    read_as = await read(below_header(f"1,SKU\0,{A}", f"2,SKU2,{B}"))

    assert read_as.found == [(2, "NUL_CHARACTER")]
    assert read_as.urls == [[B]]


async def test_utf_16_without_a_mark_is_told_by_its_nul_bytes():
    read_as = await read(below_header(f"1,SKU1,{A}").encode("utf-16-le"))

    assert read_as.found == [(1, "NUL_CHARACTER")]
    assert read_as.reading.is_broken


async def test_a_cell_may_be_longer_than_the_readers_own_limit():
    long_urls = [f"{A}?{n}{'x' * 1_900}" for n in range(100)]

    read_as = await read(below_header(f'1,SKU1,"{",".join(long_urls)}"'))

    assert read_as.urls == [long_urls]


async def test_c8_two_columns_of_one_name_are_refused():
    header = "S. No.,Product Name,product-name,Input Image Urls"

    read_as = await read(below_header(f"1,a,b,{A}", header=header))

    assert read_as.found == [(1, "DUPLICATE_COLUMN")]
    assert read_as.reading.is_broken


@pytest.mark.parametrize(
    ("signature", "code", "media_type"),
    [
        (b"PK\x03\x04", "XLSX_NOT_CSV", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (b"\x1f\x8b", "COMPRESSED_NOT_CSV", "application/gzip"),
    ],
)
async def test_c14_other_formats_are_refused_by_name(signature, code, media_type):
    with pytest.raises(UnsupportedFormatError, match=code) as refused:
        await read(signature + bytes(range(256)))

    assert refused.value.detected_media_type == media_type
