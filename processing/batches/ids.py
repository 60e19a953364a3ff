"""Ids that follow from what they name: what is written twice gets the same one, and so is written once."""

from __future__ import annotations

import hashlib

from beanie import PydanticObjectId

IMAGES_PER_UNIT = 1_000


def product(batch_id: PydanticObjectId, row: int) -> PydanticObjectId:
    """Of row number `row`, from 0."""
    return _named(batch_id, f"row {row}")


def item(batch_id: PydanticObjectId, position: int) -> PydanticObjectId:
    """Of image number `position`, from 0."""
    return _named(batch_id, f"image {position}")


def unit(batch_id: PydanticObjectId, url: str, earlier_count: int = 0) -> PydanticObjectId:
    """Of the image with this address that comes behind `earlier_count` others with it, and of as many as one unit has.

    They end in one transaction, which MongoDB gives a minute: an address that all of 100,000 images have is rather
    worked on a hundred times.
    """
    return _named(batch_id, f"address {earlier_count // IMAGES_PER_UNIT} {url}")


def announcement(batch_id: PydanticObjectId, number: int) -> PydanticObjectId:
    """Of the message that round `number` has ended."""
    return _named(batch_id, f"end {number}")


def attempt(announcement_id: PydanticObjectId, number: int) -> PydanticObjectId:
    """Of the work of sending a message for the `number`-th time."""
    return _named(announcement_id, f"attempt {number}")


def _named(within: PydanticObjectId, name: str) -> PydanticObjectId:
    return PydanticObjectId(hashlib.sha256(within.binary + name.encode()).digest()[:12])
