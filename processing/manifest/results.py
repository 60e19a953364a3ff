"""The result files of a batch, written while its products are read. The same outcomes give the same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Sequence
from enum import StrEnum
from typing import Final

import orjson

from models.batch_item import BatchItemState
from processing.manifest import columns
from processing.manifest.formulas import guarded
from processing.manifest.outcomes import ItemOutcome, ProductOutcome

_PIECE_BYTES: Final = 2**16


class ResultFormat(StrEnum):
    """What is written of each product: a line; a line with more columns; an object for each image."""

    CSV = "CSV"
    EXTENDED_CSV = "EXTENDED_CSV"
    JSONL = "JSONL"


async def written(
    result_format: ResultFormat, products: AsyncIterable[ProductOutcome], extra_headings: Sequence[str] = ()
) -> AsyncGenerator[bytes, None]:
    """A result file, in pieces of 64 KiB or a little more.

    CSV is as RFC 4180 says: UTF-8, CRLF, quotation marks where they are needed. There are as many outputs in a row as
    inputs, in their order; what has no output has an empty slot.

    Args:
        result_format: How it is written.
        products: In the order of the manifest.
        extra_headings: Of the manifest's columns that EXTENDED_CSV repeats.
    """
    waiting = bytearray(_head(result_format, extra_headings))
    async for product in products:
        waiting += _written(result_format, product, len(extra_headings))
        if len(waiting) >= _PIECE_BYTES:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


def _head(result_format: ResultFormat, extra_headings: Sequence[str]) -> bytes:
    if result_format is ResultFormat.JSONL:
        return b""
    if result_format is ResultFormat.CSV:
        return _line(columns.RESULTS)
    return _line([*columns.EXTENDED_RESULTS, *map(guarded, extra_headings)])


def _written(result_format: ResultFormat, product: ProductOutcome, extra_count: int) -> bytes:
    if result_format is ResultFormat.JSONL:
        return b"".join(_object(product, item) for item in product.items)
    if result_format is ResultFormat.CSV:
        return _line(_cells(product))
    missing = [""] * (extra_count - len(product.extra))
    return _line([*_cells(product), *_extended_cells(product), *map(guarded, product.extra), *missing])


def _line(cells: Iterable[object]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()


def _cells(product: ProductOutcome) -> list[str]:
    return [
        guarded(product.serial_number),
        guarded(product.name),
        ",".join(item.source_url for item in product.items),
        ",".join(_output(item).replace(",", "%2C") for item in product.items),
    ]


def _extended_cells(product: ProductOutcome) -> list[object]:
    failures = [(item.position, item.failure) for item in product.items if item.failure]
    ended = [item for item in product.items if item.is_success]
    bytes_in = sum(item.bytes_in or 0 for item in ended)
    bytes_out = sum(item.bytes_out or 0 for item in ended)
    return [
        product.status,
        sum(item.state is BatchItemState.FAILED for item in product.items),
        guarded("; ".join(f"{position}: {why.code}: {why.message}" for position, why in failures)),
        bytes_in,
        bytes_out,
        f"{bytes_out / bytes_in:.4f}" if bytes_in else "",
    ]


def _object(product: ProductOutcome, item: ItemOutcome) -> bytes:
    """Named as in the published schema."""
    return orjson.dumps(
        {
            "serialNumber": product.serial_number,
            "productName": product.name,
            "position": item.position,
            "sourceUrl": item.source_url,
            "outputUrl": _output(item) or None,
            "state": item.state,
            "failure": item.failure and item.failure.model_dump(),
            "bytesIn": item.bytes_in,
            "bytesOut": item.bytes_out,
            "keptOriginal": item.kept_original,
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )


def _output(item: ItemOutcome) -> str:
    return (item.output_url or "") if item.is_success else ""
