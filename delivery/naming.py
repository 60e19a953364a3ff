"""What the names in addresses stand for: the original, a preset, a variant on demand."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

from beanie import PydanticObjectId
from bson import ObjectId

from delivery.sending import Deliverable
from models.image import Image, Variant
from models.values import MetadataPolicy
from processing.recipes import Recipe
from storage.base import StoredObject

ORIGINAL = "original"
VERSION_CHARACTERS = 16
POLICY_MARKS = {MetadataPolicy.STRIP_ALL: "", MetadataPolicy.STRIP_GPS: "-g", MetadataPolicy.KEEP: "-k"}
ETAG_CHARACTERS = 16


def folder(image: Image) -> str:
    """Where all that an image has is delivered.

    With the version in it, an address never shows other bytes than it was made for.
    """
    return f"/images/{image.id}/{_version(image)}/"


def path(image: Image, name: str) -> str:
    """Where the original, or the variant called `name`, is delivered; to be signed."""
    return folder(image) + name


async def find(image_id: str, version: str) -> Image | None:
    """The image as it is now; None if it is gone, or has another original or policy."""
    if not ObjectId.is_valid(image_id):
        return None
    image = await Image.for_delivery(PydanticObjectId(image_id))
    return image if image and _version(image) == version else None


def original(image: Image) -> Deliverable:
    """Always an attachment: whatever else the bytes may also be, no browser runs them."""
    disposition = f"attachment; filename*=UTF-8''{quote(image.filename, safe='')}"
    etag = f'"{image.checksum_sha256}"'
    stored_at = image.storage
    return Deliverable(stored_at.kind, stored_at.key, image.media_type, image.size_bytes, etag, disposition)


def preset(image: Image, name: str) -> Deliverable | None:
    """What was made of it in the background."""
    named = (variant for variant in image.variants if variant.name == name)
    return next((_variant(image, variant) for variant in named), None)


def on_demand(image: Image, recipe: Recipe, stored: StoredObject) -> Deliverable:
    """What was made of it when it was first fetched. Its key tells it from what was made of another original."""
    digest = hashlib.sha256(stored.key.encode()).hexdigest()[:ETAG_CHARACTERS]
    etag = f'"{digest}-{stored.size_bytes}"'
    return Deliverable(image.storage.kind, stored.key, recipe.media_type, stored.size_bytes, etag, "inline")


def _version(image: Image) -> str:
    """What all that is delivered of an image follows from: its original, and what may be said of it."""
    return image.checksum_sha256[:VERSION_CHARACTERS] + POLICY_MARKS[image.metadata_policy]


def _variant(image: Image, variant: Variant) -> Deliverable:
    etag = f'"{variant.key.rsplit("-", 1)[-1]}-{variant.name}"'
    return Deliverable(
        image.storage.kind, variant.key, variant.media_type, variant.size_bytes, etag, "inline"
    )
