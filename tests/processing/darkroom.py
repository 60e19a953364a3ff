"""Images as documents, with or without bytes in storage, to make variants of."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from beanie import PydanticObjectId

from models.image import Image, StoredAt
from storage import keys


def photo(**fields):
    """An image's document, which is kept nowhere."""
    now = datetime.now(UTC)
    known = {
        "id": PydanticObjectId(), "owner_id": PydanticObjectId(), "filename": "photo", "media_type": "image/jpeg",
        "size_bytes": 1, "width_px": 64, "height_px": 48, "frame_count": 1, "checksum_sha256": "0" * 64,
        "answers_duplicates": False, "storage": StoredAt(kind="memory", key="key"), "created_at": now, "updated_at": now,
    }  # fmt: skip
    return Image.model_construct(**{**Image.model_construct().__dict__, **known, **fields})


async def kept(storage, content, **fields):
    """An image's document in MongoDB, and `content` as its original in storage."""

    async def pieces():
        yield content

    image = photo(size_bytes=len(content), checksum_sha256=hashlib.sha256(content).hexdigest(), **fields)
    image.storage = StoredAt(kind=storage.kind, key=keys.original(str(image.owner_id), str(image.id)))
    await storage.put(image.storage.key, pieces())
    await image.insert()
    return image
