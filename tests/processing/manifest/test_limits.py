"""How much of a manifest is taken, and how much of it is held at once."""

from __future__ import annotations

import tracemalloc

import pytest

from errors import FileTooLargeError
from processing.manifest import Limits, OnInvalidRow, Reading
from tests.processing.manifest.manifests import HEADER, LIMITS, A, B, below_header, read

WHOLE_BATCH = 100_000
PER_ROW = 5


@pytest.mark.parametrize("manifest", ["", "\ufeff", "\n \r\n", "sep=,\n"])
async def test_c9_an_empty_file_is_told(manifest):
    read_as = await read(manifest)

    assert read_as.found == [(1, "EMPTY_FILE")]
    assert read_as.reading.is_broken


async def test_a_file_without_any_bytes_is_told():
    assert (await read([])).found == [(1, "EMPTY_FILE")]


@pytest.mark.parametrize("end", ["", "\n", "\r\n\r\n"])
async def test_c9_a_header_alone_is_told(end):
    read_as = await read(HEADER + end)

    assert read_as.found == [(1, "NO_ROWS")]
    assert read_as.reading.is_broken


@pytest.mark.parametrize("cut", [1, 7, 1_000])
async def test_a_file_of_more_bytes_is_refused(cut):
    data = below_header(f"1,SKU1,{A}").encode()
    pieces = [data[at : at + cut] for at in range(0, len(data), cut)]

    await read(pieces, Limits(max_bytes=len(data)))
    with pytest.raises(FileTooLargeError) as refused:
        await read(pieces, Limits(max_bytes=len(data) - 1))

    assert refused.value.limit_bytes == len(data) - 1


async def test_bytes_are_counted_over_many_blocks():
    data = below_header(*(f"{n},SKU,{A}" for n in range(100))).encode()

    await read(data, Limits(max_bytes=len(data)), block_bytes=64)
    with pytest.raises(FileTooLargeError):
        await read(data, Limits(max_bytes=len(data) - 1), block_bytes=64)


async def test_c3_what_is_too_large_is_not_read_to_its_end():
    pieces = iter([b"x" * 64] * 20)

    with pytest.raises(FileTooLargeError):
        await read(pieces, Limits(max_bytes=200), block_bytes=64)

    assert len(list(pieces)) > 12


async def test_a_file_of_more_rows_is_refused():
    lines = [f"1,SKU1,{A}", "", "2,,", f"3,SKU3,{A}"]

    assert not (await read(below_header(*lines), Limits(max_rows=3))).reading.is_broken
    read_as = await read(below_header(*lines), Limits(max_rows=2))

    assert read_as.found[-1] == (5, "TOO_MANY_ROWS")
    assert read_as.reading.is_broken


async def test_blank_lines_have_an_end_too():
    read_as = await read(below_header(*[""] * 10), Limits(max_rows=1))

    assert read_as.found == [(11, "TOO_MANY_ROWS")]


async def test_a_file_of_more_images_is_refused():
    lines = [f'1,SKU1,"{A},{A}"', f"2,SKU2,{B}"]

    assert not (await read(below_header(*lines), Limits(max_images=3))).reading.is_broken
    read_as = await read(below_header(*lines), Limits(max_images=2))

    assert read_as.found == [(3, "TOO_MANY_IMAGES")]
    assert read_as.reading.is_broken


async def test_c4_a_row_longer_than_any_product_is_refused():
    read_as = await read(below_header(f"1,SKU1,{A}", f"2,{'x' * 2**20},{A}", f"3,SKU3,{A}"))

    assert read_as.found == [(3, "ROW_TOO_LONG")]
    assert read_as.reading.is_broken


@pytest.mark.parametrize(
    ("begun", "unending", "code"),
    [("1,", b"x" * 2**19, "ROW_TOO_LONG"), ('1,"', b"x\n" * 2**18, "UNTERMINATED_QUOTE")],
)
async def test_c4_what_does_not_end_is_not_read_to_its_end(begun, unending, code):
    pieces = iter([f"{HEADER}\n{begun}".encode(), *[unending] * 20])

    read_as = await read(pieces)

    assert read_as.found == [(2, code)]
    assert len(list(pieces)) > 12


async def many_rows():
    yield f"{HEADER}\r\n".encode()
    for n in range(WHOLE_BATCH // PER_ROW):
        urls = ",".join(f"https://cdn.test/{n}/{at}/{'x' * 70}.jpg" for at in range(PER_ROW))
        yield f'{n},Product {n},"{urls}"\r\n'.encode()


async def test_c3_the_largest_batch_is_read_in_little_memory():
    reading = Reading(many_rows(), LIMITS)

    tracemalloc.start()
    async for _ in reading.rows():
        pass
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert reading.image_count == WHOLE_BATCH
    assert reading.is_accepted(OnInvalidRow.REJECT_FILE)
    assert peak_bytes < 24 * 2**20
