"""Somebody's uploads while somebody else's batch keeps every processor busy: how long until they are ready."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import asdict, dataclass
from typing import Any, Final

from benchmarks import catalogues, load, pipelines, servers, submission
from benchmarks.catalogues import GRIDFS
from benchmarks.load import Connection, UnexpectedAnswerError
from benchmarks.pictures import jpeg
from benchmarks.servers import Darkroom

UPLOAD_BYTES: Final = 1_000_000
BEGUN_ITEMS: Final = 20
POLL_SECONDS: Final = 0.02
LATEST_SECONDS: Final = 60
MUST_SECONDS: Final = 2
STATE: Final = "query ($id: ID!) { image(id: $id) { state } }"


@dataclass(frozen=True)
class Found:
    """How long it took from the beginning of each upload until its picture was ready, alone and beside the batch."""

    items: int
    alone_seconds: list[float]
    beside_seconds: list[float]

    def table(self) -> str:
        """For people."""
        alone, beside = (
            f"median {submission.percentile(waits, 0.5):.2f} s, 99th percentile {submission.percentile(waits, 0.99):.2f} s"
            for waits in (self.alone_seconds, self.beside_seconds)
        )
        return (
            f"{'upload until ready, alone':32}{alone}\n"
            f"{f'beside a batch of {self.items:,}':32}{beside} (must {MUST_SECONDS} and one item)"
        )

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


async def measure(items: int, uploads: int, **settings: str) -> Found:
    """So many uploads of one user, one after the other; then again, while a batch of another user runs."""
    async with (
        catalogues.stand(GRIDFS, pipelines.SIZE_BYTES) as stand,
        stand.darkroom(**settings) as server,
        load.connections(server.port, 1) as (connection,),
    ):
        batch_owner, uploader = await server.people(2)
        alone = [await _upload(server, connection, uploader, number) for number in range(uploads)]
        batch_id = await submission.submit(server, batch_owner, submission.manifest(stand.urls(items)))
        async with submission.watched(server, batch_owner, batch_id) as progress:
            while progress.heard < BEGUN_ITEMS:  # noqa: ASYNC110 - another process
                await asyncio.sleep(POLL_SECONDS)
            beside = [
                await _upload(server, connection, uploader, uploads + number) for number in range(uploads)
            ]
            if progress.ended.done():
                raise UnexpectedAnswerError("the batch ended before the uploads did")
        return Found(items, alone, beside)


async def _upload(server: Darkroom, connection: Connection, token: str, number: int) -> float:
    upload = server.upload(jpeg(UPLOAD_BYTES), token)
    at = upload.unique_at
    request = bytearray(upload.request)
    request[at : at + load.UNIQUE_BYTES] = b"%0*d" % (load.UNIQUE_BYTES, number)
    began = time.monotonic()
    answer = json.loads(bytes((await connection.exchange(request)).body))
    asked = servers.operation(STATE, token, id=answer["data"]["uploadImage"]["image"]["id"])
    async with asyncio.timeout(LATEST_SECONDS):
        while b'"READY"' not in bytes((await connection.exchange(asked)).body):  # noqa: ASYNC110 - as above
            await asyncio.sleep(POLL_SECONDS)
    return time.monotonic() - began
