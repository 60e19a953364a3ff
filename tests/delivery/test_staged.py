"""`PUT /staged/…` as the server runs it: what stalls ends, what is over is told so, storage that fails keeps nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette

from delivery import staged
from delivery.signing import Signer
from delivery.staged import StagedDelivery
from errors import StorageError
from processing.ingest import Intake
from processing.inspection import Declared
from processing.queue.memory import MemoryQueue
from processing.quota import limited_to
from processing.register import Register
from processing.staging import Announced, Staging
from storage.adapters import Storages
from storage.memory import MemoryStorage
from tests.processing.taking_in import LIMITS

pytestmark = pytest.mark.mongo
CONTENT = b"x" * 1000
SOON = 10


class Door:
    """The door, and one stage behind it."""

    def __init__(self, owner_id, *, stall_seconds=0.05):
        self.storage, self.owner_id = MemoryStorage(), owner_id
        storages = Storages(self.storage)
        intake = Intake(self.storage, Register(MemoryQueue()), LIMITS, limited_to(None))
        self.staging = Staging(storages, intake)
        self.signer = Signer("s" * 32, public_url="http://pictures", ttl_seconds=300)
        delivery = StagedDelivery(self.staging, self.signer, stall_seconds=stall_seconds)
        self._app = Starlette(routes=delivery.routes())

    async def open(self, ttl=timedelta(hours=1)):
        announced = Announced("a.jpg", "image/jpeg", Declared(len(CONTENT), None))
        planned = await self.staging.planned(self.owner_id, announced)
        planned.expires_at = datetime.now(UTC) + ttl
        self.stage = await planned.insert()
        self.address = (await staged.target(self.stage, self.storage, self.signer)).url

    async def put(self, *messages, address=None):
        """Sends these and then nothing more: status and text."""
        parts, waiting, sent = urlsplit(address or self.address), list(messages), []

        async def receive():
            if not waiting:
                await asyncio.Event().wait()
            return waiting.pop(0)

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http", "method": "PUT", "path": parts.path, "query_string": parts.query.encode(),
            "headers": [(b"content-type", b"image/jpeg"), (b"content-length", b"1000")],
        }  # fmt: skip
        await asyncio.wait_for(self._app(scope, receive, send), SOON)
        return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]).decode()

    async def kept(self):
        return [found.size_bytes async for found in self.storage.list("")]


@pytest.fixture
async def door(database, owner_id, monkeypatch):
    monkeypatch.setattr(staged, "LINGER_SECONDS", 0.05)
    opened = Door(owner_id)
    await opened.open()
    return opened


def body(content, more):
    return {"type": "http.request", "body": content, "more_body": more}


async def test_a_body_that_stalls_ends_and_leaves_nothing(door):
    status, text = await door.put(body(CONTENT[:10], more=True))

    assert (status, text) == (
        408,
        "The request stopped coming for 0.05 seconds, or came too slowly for longer.\n",
    )
    assert await door.kept() == []


async def test_a_body_that_drips_ends_when_the_time_of_its_stage_is_over(database, owner_id, monkeypatch):
    monkeypatch.setattr(staged, "LINGER_SECONDS", 0.05)
    door = Door(owner_id, stall_seconds=SOON)
    await door.open(ttl=timedelta(seconds=0.3))

    status, text = await door.put(body(CONTENT[:10], more=True))

    assert (status, text) == (408, "Nothing is to be sent here any more. Stage the file anew.\n")
    assert await door.kept() == []


async def test_a_client_that_hangs_up_leaves_nothing(door):
    await door.put(body(CONTENT[:10], more=True), {"type": "http.disconnect"})

    assert await door.kept() == []


async def test_what_is_whole_is_kept(door):
    assert await door.put(body(CONTENT[:10], more=True), body(CONTENT[10:], more=False)) == (204, "")
    assert await door.kept() == [1000]


async def test_a_stage_that_has_expired_is_told_to_be_over_though_its_signature_holds(door):
    await door.stage.set({"expires_at": datetime.now(UTC) - timedelta(seconds=1)})

    assert (await door.put(body(CONTENT, more=False)))[0] == 404
    assert await door.kept() == []


async def test_an_address_that_is_over_is_refused_before_anything_is_looked_up(door, monkeypatch):
    later = staged.TTL.total_seconds() * 2 + datetime.now(UTC).timestamp()
    monkeypatch.setattr("delivery.signing.time.time", lambda: later)

    assert (await door.put(body(CONTENT, more=False)))[0] == 403
    assert await door.kept() == []


async def test_a_signature_for_nothing_of_ours_is_told_so(door):
    assert (await door.put(address=door.signer.address("/staged/nonsense", 60)))[0] == 404


async def test_a_refusal_is_sent_before_the_rest_is_read_and_the_rest_is_thrown_away(door):
    status, text = await door.put(body(b"x" * 1001, more=True), body(b"x" * 10**6, more=False))

    assert status == 413
    assert text.endswith("\n")
    assert await door.kept() == []


async def test_storage_that_fails_keeps_nothing_and_the_next_request_works(door, monkeypatch):
    async def fail(*_):
        raise StorageError("down")

    with monkeypatch.context() as patch:
        patch.setattr(door.storage, "put", fail)
        with pytest.raises(StorageError):
            await door.put(body(CONTENT, more=False))

    assert (await door.put(body(CONTENT, more=False)))[0] == 204
