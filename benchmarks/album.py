"""Large galleries, written straight into the database: what owners of very many images would have by now."""

from __future__ import annotations

import itertools
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from beanie import PydanticObjectId
from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase

import models
from models import words
from models.image import Image, ImageStage, ImageState, Placeholder, StoredAt, Variant
from models.tally import Tally
from models.values import Details, MetadataPolicy, PrivacyReport

SEED: Final = 2026
CHUNK: Final = 2_000
RARE_WORD, RARE_EVERY = "zebra", 100_000
FREQUENT_WORD, FREQUENT_SHARE = "holiday", 0.5
VOCABULARY: Final = [
    first + second
    for first in ("sun", "moon", "lake", "hill", "sand", "wood", "star", "rain", "snow", "wind")
    for second in ("light", "side", "field", "way", "house", "stone", "bird", "flower", "fall", "line")
]
WEIGHTS: Final = list(itertools.accumulate(1 / rank for rank in range(1, len(VOCABULARY) + 1)))
TAGS: Final = [f"place{number:03}" for number in range(300)]
TAG: Final = TAGS[7]
"""One image in a hundred has it."""

REMOVED_TAGS: Final = [
    *("DateTimeOriginal", "ExposureTime", "FNumber", "FocalLength", "GPSLatitude", "GPSLongitude"),
    *("ISOSpeedRatings", "LensModel", "Make", "Model", "OffsetTimeOriginal", "Software"),
]


async def fill(database: AsyncDatabase[dict[str, Any]], *owner_ids: PydanticObjectId, count: int) -> None:
    """Gives each owner so many images instead of all that are there; the same each time.

    The indexes are made when all are written, which takes half the time.
    """
    await models.prepare(database)
    collection = Image.get_pymongo_collection()
    await collection.drop()
    chance, total = random.Random(SEED), count * len(owner_ids)  # noqa: S311 - nobody is to be surprised
    images = itertools.chain.from_iterable(
        itertools.islice(_images(owner_id, chance), count) for owner_id in owner_ids
    )
    for written in range(0, total, CHUNK):
        await collection.insert_many(itertools.islice(images, CHUNK), ordered=False)
        if sys.stderr.isatty():
            print(f"\r{min(written + CHUNK, total):,} of {total:,} images", end="", file=sys.stderr)
    await models.prepare(database)
    for owner_id in owner_ids:
        await Tally(owner_id=owner_id, image_count=count, stored_bytes=count).insert()


def _images(owner_id: PydanticObjectId, chance: random.Random) -> Iterator[dict[str, Any]]:
    common = _developed(owner_id).model_dump(exclude={"id", "revision_id"})
    for number in itertools.count():
        filename = f"IMG_{number:06}.jpg" if number % 3 else chance.choice(["image.jpg", "Photo.JPG"])
        caption = " ".join(chance.choices(VOCABULARY, cum_weights=WEIGHTS, k=6))
        caption += f" {FREQUENT_WORD}" * (chance.random() < FREQUENT_SHARE)
        caption += f" {RARE_WORD}" * (number % RARE_EVERY == 0)
        tags = chance.sample(TAGS, 3)
        created_at = common["created_at"] + timedelta(seconds=30 * number)
        yield common | {
            "_id": ObjectId(),
            "filename": filename,
            "caption": caption,
            "tags": tags,
            "words": words.of(filename, caption, tags),
            "sort_name": words.sort_name(filename),
            "media_type": "image/jpeg" if number % 10 else "image/png",
            "size_bytes": chance.randrange(100_000, 8_000_000, 1_000),
            "checksum_sha256": f"{chance.getrandbits(256):064x}",
            "created_at": created_at,
            "updated_at": created_at,
        }


def _developed(owner_id: PydanticObjectId) -> Image:
    began, key = datetime(2020, 1, 1, tzinfo=UTC), f"originals/{owner_id}/{ObjectId()}"
    presets = (("thumbnail", 256, 192), ("medium", 1024, 768))
    return Image(
        owner_id=owner_id,
        filename="",
        state=ImageState.READY,
        stage=ImageStage.READY,
        sequence=4,
        media_type="image/jpeg",
        size_bytes=0,
        width_px=4032,
        height_px=3024,
        frame_count=1,
        checksum_sha256="",
        storage=StoredAt(kind="gridfs", key=key),
        variants=[
            Variant(
                name=name,
                key=f"{key}/{name}",
                media_type="image/webp",
                width_px=w,
                height_px=h,
                size_bytes=w * h // 8,
            )
            for name, w, h in presets
        ],
        placeholder=Placeholder(thumbhash="3OcRJYB4d3h/iIeHeEh3eIhw+j3A", dominant_color="#7a6b5c"),
        details=Details(
            taken_at=began,
            camera_make="Canon",
            camera_model="Canon EOS R6",
            orientation=1,
            has_alpha=False,
            frame_count=1,
            color_space="srgb",
        ),
        privacy=PrivacyReport(had_gps=True, removed_tags=REMOVED_TAGS, policy=MetadataPolicy.STRIP_ALL),
        created_at=began,
        updated_at=began,
    )
