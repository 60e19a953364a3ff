"""What an address says to caches, and what it answers when storage does not."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import httpx
import pytest
from beanie import PydanticObjectId
from starlette.applications import Starlette

from delivery import naming
from delivery.images import ImageDelivery
from delivery.signing import NEVER, Signer
from models.image import Image, StoredAt
from processing.variants import Variants
from storage.adapters import Storages
from storage.memory import MemoryStorage
from tests.processing.in_process import InProcess

pytestmark = pytest.mark.mongo
CONTENT = b"bytes of a picture"


@pytest.fixture
async def storage(database):
    return MemoryStorage()


@pytest.fixture
async def image(storage, owner_id):
    async def pieces():
        yield CONTENT

    await storage.put("key", pieces())
    now = datetime.now(UTC)
    return await Image(
        id=PydanticObjectId(), owner_id=owner_id, filename="a.png", media_type="image/png", size_bytes=len(CONTENT), width_px=1,
        height_px=1, frame_count=1, checksum_sha256=hashlib.sha256(CONTENT).hexdigest(),
        storage=StoredAt(kind="memory", key="key"), created_at=now, updated_at=now,
    ).insert()  # fmt: skip


async def get(storage, image, ttl_seconds):
    return await delivered(Storages(storage), image, ttl_seconds)


async def delivered(storages, image, ttl_seconds):
    signer = Signer("s" * 32, public_url="http://pictures", ttl_seconds=ttl_seconds)
    app = Starlette(
        routes=ImageDelivery(storages, signer, Variants(storages, InProcess(), pixels_per_hour=1)).routes()
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        return await http.get(signer.address(naming.path(image, naming.ORIGINAL)))


async def test_an_address_that_ends_is_kept_by_its_owners_cache_only(storage, image):
    response = await get(storage, image, 300)

    assert response.content == CONTENT
    assert response.headers["cache-control"].startswith("private, max-age=")


async def test_an_address_without_an_end_may_be_kept_by_every_cache(storage, image):
    response = await get(storage, image, NEVER)

    assert response.headers["cache-control"] == "public, max-age=604800, immutable"


async def test_an_object_that_is_missing_is_not_found(storage, image):
    await storage.delete("key")

    assert (await get(storage, image, 300)).status_code == 404


async def test_an_image_is_delivered_from_where_it_lies_whatever_takes_new_ones(storage, image):
    current = MemoryStorage()
    current.kind = "newer"

    response = await delivered(Storages(current, {"memory": lambda: storage}), image, 300)

    assert response.content == CONTENT
