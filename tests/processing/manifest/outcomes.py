"""Outcomes of batches, and the files that are written of them."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence

from models.batch_item import BatchItemState
from models.values import Failure
from processing.manifest.outcomes import ItemOutcome, ProductOutcome
from processing.manifest.results import ResultFormat, written

GONE = Failure(code="FETCH_FAILED", message="No image could be fetched from this address.", retryable=True)


def succeeded(position: int, url: str, bytes_in: int = 1_000, bytes_out: int = 400) -> ItemOutcome:
    output_url = f"https://o.test/{position}.jpg"
    return ItemOutcome(position, url, BatchItemState.SUCCEEDED, output_url, None, bytes_in, bytes_out)


def failed(position: int, url: str) -> ItemOutcome:
    return ItemOutcome(position, url, BatchItemState.FAILED, failure=GONE)


async def stream(products: Iterable[ProductOutcome]) -> AsyncIterator[ProductOutcome]:
    for product in products:
        yield product


async def file_of(
    products: Iterable[ProductOutcome],
    result_format: ResultFormat = ResultFormat.CSV,
    extra_headings: Sequence[str] = (),
) -> bytes:
    return b"".join([piece async for piece in written(result_format, stream(products), extra_headings)])


def cells_of(file: bytes) -> list[list[str]]:
    """As any CSV reader has them."""
    return list(csv.reader(io.StringIO(file.decode(), newline="")))
