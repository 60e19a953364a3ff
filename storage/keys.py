"""How object keys are laid out. Ids only: no name that a client chose is ever part of a key."""

from __future__ import annotations

import secrets


def original(owner_id: str, image_id: str) -> str:
    """Where an image's original lies."""
    return f"originals/{owner_id}/{image_id}"


def variants_prefix(owner_id: str, image_id: str) -> str:
    """What the keys of all derived forms of an image begin with, and those of no other image."""
    return f"variants/{owner_id}/{image_id}/"


def prefixes_of_owner(owner_id: str) -> tuple[str, ...]:
    """What the keys of everything that is an owner's begin with."""
    return (f"originals/{owner_id}/", f"variants/{owner_id}/")


def variant(owner_id: str, image_id: str, name: str) -> str:
    """A place for a derived form; different at each call, so that two makers never write over each other."""
    return f"{variants_prefix(owner_id, image_id)}{name}-{secrets.token_hex(4)}"
