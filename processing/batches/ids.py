"""Ids that follow from what they name: what is written twice gets the same one, and so is written once."""

from __future__ import annotations

import hashlib

from beanie import PydanticObjectId


def product(batch_id: PydanticObjectId, row: int) -> PydanticObjectId:
    """Of row number `row`, from 0."""
    return _named(batch_id, f"row {row}")


def item(batch_id: PydanticObjectId, position: int) -> PydanticObjectId:
    """Of image number `position`, from 0."""
    return _named(batch_id, f"image {position}")


def unit(batch_id: PydanticObjectId, url: str) -> PydanticObjectId:
    """Of all images with this address."""
    return _named(batch_id, f"address {url}")


def announcement(batch_id: PydanticObjectId, number: int) -> PydanticObjectId:
    """Of the message that round `number` has ended."""
    return _named(batch_id, f"end {number}")


def attempt(announcement_id: PydanticObjectId, number: int) -> PydanticObjectId:
    """Of the work of sending a message for the `number`-th time."""
    return _named(announcement_id, f"attempt {number}")


def _named(within: PydanticObjectId, name: str) -> PydanticObjectId:
    return PydanticObjectId(hashlib.sha256(within.binary + name.encode()).digest()[:12])
