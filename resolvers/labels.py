"""What people say of their images: captions and tags, checked in one place for whatever sets them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

from errors import InvalidInputError

LONGEST_CAPTION = 2_000
MOST_TAGS, LONGEST_TAG = 50, 100


class Kept(Enum):
    """Stands where a label is to stay as it is, since None clears it."""

    KEPT = auto()


def changes(text: str | Kept | None, words: Sequence[str] | Kept | None) -> dict[str, object]:
    """Those of `caption` and `tags` that do not stay as they are, checked.

    Raises:
        InvalidInputError: The caption or a tag is too long or empty, or there are too many tags.
    """
    changed: dict[str, object] = {}
    if not isinstance(text, Kept):
        changed["caption"] = caption(text)
    if not isinstance(words, Kept):
        changed["tags"] = tags(words or [])
    return changed


def caption(text: str | None) -> str | None:
    """As given.

    Raises:
        InvalidInputError: It is too long.
    """
    if text is not None and len(text) > LONGEST_CAPTION:
        raise InvalidInputError(f"A caption has at most {LONGEST_CAPTION:,} characters.", "caption")
    return text


def tags(words: Sequence[str]) -> list[str]:
    """Trimmed, each once, in the order given.

    Raises:
        InvalidInputError: There are too many, or one is empty or too long.
    """
    kept = list(dict.fromkeys(tag.strip() for tag in words))
    if len(kept) > MOST_TAGS:
        raise InvalidInputError(f"An image has at most {MOST_TAGS} tags.", "tags")
    if not all(1 <= len(tag) <= LONGEST_TAG for tag in kept):
        raise InvalidInputError(f"A tag has 1 to {LONGEST_TAG} characters.", "tags")
    return kept


def cut_caption(text: str | None) -> str | None:
    """As much of it as a caption may have, for what nobody can be asked about any more."""
    return text[:LONGEST_CAPTION] if text else None


def cut_tags(words: Sequence[str]) -> list[str]:
    """As many of them, and as much of each, as an image may have."""
    kept = dict.fromkeys(tag.strip()[:LONGEST_TAG].strip() for tag in words)
    return [tag for tag in kept if tag][:MOST_TAGS]
