"""A batch as a client has it: a manifest on its way in, and its progress, with the time that each event took to come."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from benchmarks import load
from benchmarks.listeners import Crowd, Listener
from benchmarks.load import UnexpectedAnswerError
from benchmarks.servers import Darkroom

CREATE: Final = """mutation ($input: CreateBatchInput!) { createBatch(input: $input) {
  ... on CreateBatchPayload { batch { id } } ... on Error { message } } }"""
FIELDS: Final = {
    "operations": json.dumps({"query": CREATE, "variables": {"input": {"file": None}}}),
    "map": '{"0": ["variables.input.file"]}',
}
WATCH: Final = """subscription { batchProgress(id: %s) {
  sequence state counts { succeeded failed } item { id state failure { code } } at } }"""
HEADER: Final = "S. No.,Product Name,Input Image Urls"
QUEUED, COMPLETED = "QUEUED", "COMPLETED"
ENDED: Final = {COMPLETED, "COMPLETED_WITH_ERRORS", "FAILED", "CANCELLED"}


@dataclass(frozen=True)
class Heard:
    """An event: when it came, how long after it was written down, and what it says."""

    at: float
    delay_seconds: float
    event: dict[str, Any]


class Progress(Crowd):
    """What one subscriber hears of a batch; `began` is the first event after it was submitted."""

    def __init__(self) -> None:
        super().__init__()
        self.began: Heard | None = None
        self.delays_seconds: list[float] = []
        self.ended = asyncio.get_running_loop().create_future()

    def hear(self, message: bytes) -> None:
        """An event came."""
        at, said = time.time(), orjson.loads(message)
        event = (said["payload"].get("data") or {}).get("batchProgress")
        if event is None:
            self.fail(message.decode())
            return
        heard = Heard(at, at - datetime.fromisoformat(event["at"]).timestamp(), event)
        if event["state"] != QUEUED:
            self.began = self.began or heard
        if event["item"]:
            self.heard += 1
            self.delays_seconds.append(heard.delay_seconds)
        if event["state"] in ENDED and not self.ended.done():
            self.ended.set_result(heard)

    def fail(self, reason: str) -> None:
        """Something else came."""
        if not self.ended.done():
            self.ended.set_exception(UnexpectedAnswerError(reason))

    async def completed(self) -> Heard:
        """The end of the batch.

        Raises:
            UnexpectedAnswerError: It is another one than that all items have succeeded.
        """
        heard: Heard = await self.ended
        if heard.event["state"] != COMPLETED:
            raise UnexpectedAnswerError(json.dumps(heard.event))
        return heard


def manifest(urls: Iterable[str]) -> bytes:
    """A product for each."""
    rows = (f"{number},product {number},{url}" for number, url in enumerate(urls, 1))
    return "\n".join([HEADER, *rows]).encode()


async def submit(server: Darkroom, token: str, content: bytes) -> str:
    """The published mutation; gives the batch's id."""
    async with load.connections(server.port, 1) as (connection,):
        answer = await connection.exchange(server.form(content, "goods.csv", "text/csv", FIELDS, token))
        said = json.loads(bytes(answer.body))
    try:
        batch_id: str = said["data"]["createBatch"]["batch"]["id"]
    except (KeyError, TypeError) as error:
        raise UnexpectedAnswerError(json.dumps(said)[:500]) from error
    return batch_id


@asynccontextmanager
async def watched(server: Darkroom, token: str, batch_id: str) -> AsyncIterator[Progress]:
    """A subscriber to a batch's progress."""
    progress = Progress()
    listener = Listener(progress, token)
    await listener.connect(server.port)
    try:
        await listener.acknowledged
        listener.subscribe(WATCH % json.dumps(batch_id))
        yield progress
    finally:
        if not progress.ended.done():
            progress.ended.cancel()
        listener.close()


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that so large a share of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
