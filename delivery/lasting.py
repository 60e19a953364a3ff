"""Addresses without an end, of what batches have made: a shop keeps them, and they work until their image is deleted."""

from __future__ import annotations

from delivery import naming
from delivery.signing import NEVER, Signer
from models.batch_item import BatchItem, BatchItemState
from models.image import COMPRESSED, Image


def address(item: BatchItem, image: Image | None, signer: Signer) -> str | None:
    """Of the compressed form of the item's image; None if there is none, or none any more."""
    if item.state is not BatchItemState.SUCCEEDED or image is None:
        return None
    if not any(variant.name == COMPRESSED for variant in image.variants):
        return None
    return signer.address(naming.path(image, COMPRESSED), NEVER)
