"""Where the bytes of a staged upload are sent: to the provider itself, or else to `PUT /staged/{id}`, signed.

Whoever has the address may send the bytes that were declared. What they are is looked at when the upload is completed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from beanie import PydanticObjectId
from bson import ObjectId
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from body import Body
from delivery.signing import Signer
from errors import MalformedRequestError, OperationError, UnsupportedEncodingError
from models.staged_upload import StagedUpload
from processing.staging import TTL, Staging
from storage.abilities import Receiving, UploadTarget
from storage.base import Storage

STALL_SECONDS = 30.0
LINGER_SECONDS = 5.0
SAFE_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
OVER = "Nothing is to be sent here any more. Stage the file anew."


async def target(stage: StagedUpload, storage: Storage, signer: Signer) -> UploadTarget:
    """Where the client sends the bytes, and how; `storage` is where the stage lies."""
    ttl_seconds = int(TTL.total_seconds())
    if isinstance(storage, Receiving):
        return await storage.upload_target(
            stage.stored_at.key,
            media_type=stage.media_type,
            size_bytes=stage.size_bytes,
            ttl_seconds=ttl_seconds,
        )
    address = signer.address(f"/staged/{stage.id}", ttl_seconds)
    return UploadTarget(address, "PUT", {"Content-Type": stage.media_type}, {})


class StagedDelivery:
    """Takes the bytes of staged uploads whose provider does not take them itself.

    Until the upload is completed, they may be sent again, and the last ones count.
    """

    def __init__(self, staging: Staging, signer: Signer, *, stall_seconds: float = STALL_SECONDS) -> None:
        self._staging = staging
        self._signer = signer
        self._stall_seconds = stall_seconds

    def routes(self) -> list[Route]:
        """What to mount."""
        return [Route("/staged/{stage_id}", self.answer, methods=["PUT"])]

    async def answer(self, request: Request) -> Response:
        """204, or why not. A signature is checked before anything is looked up, the headers before a byte is read."""
        body = Body(request.receive, dict(request.scope["headers"]), timeout_seconds=self._stall_seconds)
        query = request.query_params
        if not self._signer.seconds_left(
            request.scope["path"], query.get("expires", ""), query.get("signature", "")
        ):
            return _Refusal(403, "This address has expired or was changed. Stage the file anew.", body)
        stage = await _find(request.path_params["stage_id"])
        if stage is None:
            return _Refusal(404, OVER, body)
        try:
            _check(request, stage)
            return await self._receive(stage, body)
        except OperationError as error:
            return _Refusal(error.status, str(error), body)

    async def _receive(self, stage: StagedUpload, body: Body) -> Response:
        body.allow(stage.size_bytes)
        left_seconds = (stage.expires_at - datetime.now(UTC)).total_seconds()
        try:
            async with asyncio.timeout(left_seconds):
                is_kept = await self._staging.receive(stage, _pieces(body, stage.size_bytes))
        except TimeoutError:
            return _Refusal(408, OVER, body)
        return Response(status_code=204, headers=SAFE_HEADERS) if is_kept else _Refusal(404, OVER, body)


class _Refusal(PlainTextResponse):
    """Plain words, also for a client that is still sending: hanging up on it would lose them."""

    def __init__(self, status: int, message: str, body: Body) -> None:
        super().__init__(message + "\n", status, SAFE_HEADERS)
        self._unread = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._unread.complete:
            await super().__call__(scope, receive, send)
            return
        self.headers["Connection"] = "close"
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        await self._unread.linger(LINGER_SECONDS)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _find(stage_id: str) -> StagedUpload | None:
    return await StagedUpload.open_one(PydanticObjectId(stage_id)) if ObjectId.is_valid(stage_id) else None


def _check(request: Request, stage: StagedUpload) -> None:
    """Raises if the headers announce something else than was declared."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != stage.media_type:
        raise UnsupportedEncodingError(
            f"Send the header `Content-Type: {stage.media_type}`, as it was declared."
        )
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise UnsupportedEncodingError("Send the bytes as they are, without a `Content-Encoding`.")
    if "content-range" in request.headers:  # RFC 9110, section 14.5
        raise MalformedRequestError("Send the file as a whole, without a `Content-Range`.")
    announced = request.headers.get("content-length")
    if announced and int(announced) < stage.size_bytes:
        raise _cut_short(int(announced), stage.size_bytes)


async def _pieces(body: Body, size_bytes: int) -> AsyncIterator[bytes]:
    """The bytes as they come; raises at the end if some are missing. That there are more, the body itself sees."""
    received_bytes = 0
    while not body.complete:
        piece = await body.pull()
        received_bytes += len(piece)
        yield piece
    if received_bytes < size_bytes:
        raise _cut_short(received_bytes, size_bytes)


def _cut_short(found_bytes: int, wanted_bytes: int) -> MalformedRequestError:
    return MalformedRequestError(f"Send {wanted_bytes:,} bytes, as declared; these are {found_bytes:,}.")
