"""What a webhook is told of the end of a batch, in the words of the published API."""

from __future__ import annotations

from typing import Any

import orjson

from delivery import results
from delivery.signing import LONGEST_SECONDS, Signer
from models.batch import Batch
from processing.manifest import ResultFormat
from processing.manifest.results import written
from resolvers import ids

MOST_ITEMS = 1_000
"""A larger batch's items are read from a result file: receivers bound what they take."""


async def body(batch: Batch, signer: Signer) -> str:
    """The message: `type`, `timestamp` and `data`, as Standard Webhooks names them.

    `data.items` are the lines of the result file JSONL; null where there are more than MOST_ITEMS. The addresses of
    result files work for a week, those of images for as long as there is the image.
    """
    data = {
        "id": ids.of(batch),
        "state": batch.state,
        "manifestName": batch.manifest_name,
        "counts": batch.counts.model_dump(),
        "bytesIn": batch.bytes_in,
        "bytesOut": batch.bytes_out,
        "resultUrls": {
            result_format.value: signer.address(results.path(batch, result_format), LONGEST_SECONDS)
            for result_format in ResultFormat
        },
        "items": await _items(batch, signer),
    }
    message = {"type": f"batch.{batch.state.lower()}", "timestamp": batch.finished_at, "data": data}
    return orjson.dumps(message, option=orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC).decode()


async def _items(batch: Batch, signer: Signer) -> list[Any] | None:
    if batch.counts.total > MOST_ITEMS:
        return None
    lines = written(ResultFormat.JSONL, results.outcomes(batch, signer))
    text = b"".join([piece async for piece in lines])
    return [orjson.Fragment(line) for line in text.splitlines()]
