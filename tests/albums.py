"""Images in the database without their bytes, for tests of how they are found."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from beanie import PydanticObjectId

from models import words
from models.image import Image, ImageState, Shelf, StoredAt

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def image(owner_id: PydanticObjectId, *, minute: int = 0, trashed: bool = False, **fields: Any) -> Image:
    """An image that was uploaded so many minutes after BEGAN."""
    filename, tags = fields.setdefault("filename", "photo.jpg"), fields.get("tags", [])
    created_at = BEGAN + timedelta(minutes=minute)
    defaults = {
        "id": PydanticObjectId(),
        "owner_id": owner_id,
        "state": ImageState.READY,
        "media_type": "image/jpeg",
        "size_bytes": 1_000,
        "width_px": 4,
        "height_px": 3,
        "frame_count": 1,
        "checksum_sha256": secrets.token_hex(32),
        "storage": StoredAt(kind="memory", key="k"),
        "shelf": Shelf.TRASH if trashed else Shelf.GALLERY,
        "words": words.of(filename, fields.get("caption"), tags),
        "sort_name": words.sort_name(filename),
        "created_at": created_at,
        "updated_at": created_at,
    }
    return Image(**{**defaults, **fields})


async def keep(owner_id: PydanticObjectId, *described: Mapping[str, Any]) -> Sequence[Image]:
    """Writes images down, in this order."""
    images = [image(owner_id, **fields) for fields in described]
    await Image.insert_many(images)
    return images
