"""Result files of batches: `GET /batches/{id}/{name}`, signed. Written while they are read, at any time."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator
from urllib.parse import quote

from beanie import PydanticObjectId
from bson import ObjectId
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from delivery import lasting
from delivery.pieces import PiecesResponse
from delivery.sending import SAFE_HEADERS, has_already, refusal
from delivery.signing import Signer
from models import batch_results
from models.batch import Batch
from models.batch_item import BatchItem
from models.image import Image
from processing.manifest import ResultFormat
from processing.manifest.outcomes import ItemOutcome, ProductOutcome
from processing.manifest.results import written

NAMES = {
    ResultFormat.CSV: "results.csv",
    ResultFormat.EXTENDED_CSV: "results.extended.csv",
    ResultFormat.JSONL: "results.jsonl",
}
FORMATS = {name: result_format for result_format, name in NAMES.items()}
MEDIA_TYPES = {
    ResultFormat.CSV: "text/csv; charset=utf-8; header=present",
    ResultFormat.EXTENDED_CSV: "text/csv; charset=utf-8; header=present",
    ResultFormat.JSONL: "application/jsonl",
}
ETAG_CHARACTERS = 32


def path(batch: Batch, result_format: ResultFormat) -> str:
    """Where the batch's results are delivered in this format; to be signed."""
    return f"/batches/{batch.id}/{NAMES[result_format]}"


class ResultDelivery:
    """Answers for every signed address of a result file."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def routes(self) -> list[Route]:
        """What to mount."""
        return [Route("/batches/{batch_id}/{name}", self.answer, methods=["GET", "HEAD"])]

    async def answer(self, request: Request) -> Response:
        """The file, or why not. A signature is checked before anything is looked up."""
        query, parameters = request.query_params, request.path_params
        expires, signature = query.get("expires", ""), query.get("signature", "")
        if self._signer.seconds_left(request.scope["path"], expires, signature) is None:
            return refusal(403, "This address has expired or was changed. Ask for a fresh one.")
        result_format, batch = FORMATS.get(parameters["name"]), await _find(parameters["batch_id"])
        if batch is None or result_format is None:
            return refusal(404, "There is nothing here any more.")
        headers = await _headers(batch, result_format)
        if has_already(request, headers["ETag"].removeprefix("W/")):
            return Response(status_code=304, headers=headers)
        media_type = MEDIA_TYPES[result_format]
        if request.method == "HEAD":
            unread = Response(headers=headers, media_type=media_type)
            del unread.headers["Content-Length"]
            return unread
        pieces = written(result_format, outcomes(batch, self._signer), batch.manifest_headings)
        first = await anext(pieces, b"")  # what fails is known before a status is sent
        return PiecesResponse(first, pieces, 200, headers, media_type)


async def outcomes(batch: Batch, signer: Signer) -> AsyncGenerator[ProductOutcome, None]:
    """What has become of each product, in the order of the manifest."""
    async for product, items in batch_results.of_batch(batch):
        own = [_outcome(item, image, signer) for item, image in items]
        yield ProductOutcome(product.serial_number, product.name, own, product.extra)


def _outcome(item: BatchItem, image: Image | None, signer: Signer) -> ItemOutcome:
    return ItemOutcome(
        position=item.index,
        source_url=item.source_url,
        state=item.state,
        output_url=lasting.address(item, image, signer),
        failure=item.failure,
        bytes_in=item.bytes_in,
        bytes_out=item.bytes_out,
        kept_original=item.kept_original,
    )


async def _find(batch_id: str) -> Batch | None:
    return await Batch.get(PydanticObjectId(batch_id)) if ObjectId.is_valid(batch_id) else None


async def _headers(batch: Batch, result_format: ResultFormat) -> dict[str, str]:
    stem = batch.manifest_name.rpartition(".")[0] or batch.manifest_name
    name = quote(f"{stem}.{NAMES[result_format]}", safe="")
    return {
        **SAFE_HEADERS,
        "Accept-Ranges": "none",
        "ETag": await _etag(batch, result_format),
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
    }


async def _etag(batch: Batch, result_format: ResultFormat) -> str:
    """Weak: two items that change places in the queue leave it as it is."""
    counts = batch.counts.model_dump_json()
    state = (result_format, batch.id, batch.state, batch.sequence, batch.round, batch.expanded_items, counts)
    seen = repr((*state, *await batch_results.state(batch)))
    return f'W/"{hashlib.sha256(seen.encode()).hexdigest()[:ETAG_CHARACTERS]}"'
