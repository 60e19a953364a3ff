"""How object keys are laid out. Ids and random tokens only: no name that a client chose is ever part of a key.

Everything about an image lies under keys that begin with `{room}/{owner}/{image}`; ids have one length, so no image's
keys begin like another's. An original that takes another's place has a key of its own, and what is derived from it
lies under that: two originals of one image never share a key.
"""

from __future__ import annotations

import re
import secrets

ORIGINALS, VARIANTS, MADE, STAGED = "originals", "variants", "made", "staged"
MANIFESTS = "manifests"
ROOMS = (ORIGINALS, VARIANTS, MADE, STAGED, MANIFESTS)
IMAGE_ROOMS = (ORIGINALS, VARIANTS, MADE)

_ID, _TOKEN = "[0-9a-f]{24}", "[0-9a-f]{8}"
_PLACE = rf"{_ID}/{_ID}(?:\.{_TOKEN})?"
_OF_IMAGE = re.compile(rf"{ORIGINALS}/{_PLACE}|{VARIANTS}/{_PLACE}/[^/]+-{_TOKEN}|{MADE}/{_PLACE}/.+")
_OF_STAGED = re.compile(rf"{STAGED}/{_ID}/[^/]+")
_OF_MANIFEST = re.compile(rf"{MANIFESTS}/{_ID}/({_ID})(?:\.{_TOKEN})?")


def original(owner_id: str, image_id: str) -> str:
    """Where an image's first original lies."""
    return f"{ORIGINALS}/{owner_id}/{image_id}"


def next_original(owner_id: str, image_id: str) -> str:
    """A place for an original that takes another's place; different at each call."""
    return f"{original(owner_id, image_id)}.{secrets.token_hex(4)}"


def variants_prefix(original_key: str) -> str:
    """What the keys of an original's presets begin with, and those of no other original."""
    return f"{VARIANTS}/{_place(original_key)}/"


def variant(original_key: str, name: str) -> str:
    """A place for a preset; different at each call, so that two makers never write over each other."""
    return f"{variants_prefix(original_key)}{name}-{secrets.token_hex(4)}"


def made_prefix(original_key: str) -> str:
    """What the keys of all variants that were made of an original on demand begin with."""
    return f"{MADE}/{_place(original_key)}/"


def made(original_key: str, name: str) -> str:
    """Where the variant on demand that `name` describes lies: always there, since all its makers make the same."""
    return f"{made_prefix(original_key)}{name}"


def derived_prefixes(key: str) -> tuple[str, ...]:
    """What the keys of all that is derived from the object begin with; none, unless it is an original."""
    return (variants_prefix(key), made_prefix(key)) if key.startswith(f"{ORIGINALS}/") else ()


def presets_prefix(owner_id: str, image_id: str) -> str:
    """What the keys of an image's presets begin with, whichever of its originals they are of."""
    return f"{VARIANTS}/{owner_id}/{image_id}"


def staged(owner_id: str, staged_id: str) -> str:
    """Where a client puts the bytes of a staged upload."""
    return f"{STAGED}/{owner_id}/{staged_id}"


def manifest(owner_id: str, batch_id: str) -> str:
    """Where the manifest of a batch is put."""
    return f"{MANIFESTS}/{owner_id}/{batch_id}"


def next_manifest(owner_id: str, batch_id: str) -> str:
    """A place for a manifest that is moved; different at each call."""
    return f"{manifest(owner_id, batch_id)}.{secrets.token_hex(4)}"


def prefixes_of_image(owner_id: str, image_id: str) -> tuple[str, ...]:
    """What the keys of everything of an image begin with, whichever original it is of."""
    return tuple(f"{room}/{owner_id}/{image_id}" for room in IMAGE_ROOMS)


def prefixes_of_owner(owner_id: str) -> tuple[str, ...]:
    """What the keys of everything that is an owner's begin with."""
    return tuple(f"{room}/{owner_id}/" for room in ROOMS)


def image_of(key: str) -> tuple[str, str] | None:
    """The owner and the image of a key as it is laid out here; None for every other key."""
    if not _OF_IMAGE.fullmatch(key):
        return None
    _, owner_id, image = key.split("/")[:3]
    return owner_id, image.partition(".")[0]


def original_of(key: str) -> str:
    """The original that the object is derived from, by a key as it is laid out here; an original's is its own."""
    return f"{ORIGINALS}/{'/'.join(key.split('/')[1:3])}"


def owner_of(key: str) -> str:
    """The owner of a key as it is laid out here."""
    return key.split("/", 2)[1]


def is_staged(key: str) -> bool:
    """Whether the key is laid out as that of a staged upload."""
    return _OF_STAGED.fullmatch(key) is not None


def batch_of(key: str) -> str | None:
    """The batch whose manifest has this key; None for every other key."""
    found = _OF_MANIFEST.fullmatch(key)
    return found[1] if found else None


def is_ours(key: str) -> bool:
    """Whether the key is laid out as one of those above."""
    return image_of(key) is not None or is_staged(key) or batch_of(key) is not None


def _place(original_key: str) -> str:
    return original_key.removeprefix(f"{ORIGINALS}/")
