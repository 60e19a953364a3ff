"""A client that sends its bytes one by one makes no storage keep them one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from beanie import PydanticObjectId

from models.image import StoredAt
from models.staged_upload import StagedUpload
from models.values import MetadataPolicy
from processing.ingest import Incoming, Intake, Labels
from processing.queue.memory import MemoryQueue
from processing.quota import limited_to
from processing.register import Register
from processing.staging import Staging
from storage.adapters import Storages
from storage.memory import MemoryStorage
from tests import pictures
from tests.processing.taking_in import LIMITS

pytestmark = pytest.mark.mongo
PHOTO = pictures.jpeg(seed=81)


async def one_by_one():
    for number in range(len(PHOTO)):
        yield PHOTO[number : number + 1]


class Counting(MemoryStorage):
    count = 0

    async def put(self, key, pieces):
        async def counted():
            async for piece in pieces:
                self.count += 1
                yield piece

        return await super().put(key, counted())


async def test_an_upload_that_trickles_in_is_stored_in_few_pieces(database, owner_id):
    storage = Counting()
    intake = Intake(storage, Register(MemoryQueue()), LIMITS, limited_to(None))
    labels = Labels(None, [], MetadataPolicy.STRIP_ALL)

    await intake.take_in(Incoming(owner_id, "a.jpg", one_by_one(), labels))

    assert storage.count <= 2


async def test_a_staged_upload_that_trickles_in_is_stored_in_few_pieces(database, owner_id):
    storage = Counting()
    staging = Staging(Storages(storage), Intake(storage, Register(MemoryQueue()), LIMITS, limited_to(None)))
    now = datetime.now(UTC)
    stage = await StagedUpload(
        id=PydanticObjectId(),
        owner_id=owner_id,
        filename="a.jpg",
        media_type="image/jpeg",
        size_bytes=len(PHOTO),
        checksum_sha256=None,
        stored_at=StoredAt(kind=storage.kind, key="staged"),
        created_at=now,
        expires_at=now + timedelta(hours=1),
    ).insert()

    assert await staging.receive(stage, one_by_one())

    assert storage.count <= 2
