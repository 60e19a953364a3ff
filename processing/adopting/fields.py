"""What documents that others have designed say under names that the operator gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fields:
    """Where an owner, a caption, tags and a filename stand; paths with dots. None where a document does not say."""

    owner: str | None = None
    caption: str | None = None
    tags: str | None = None
    filename: str | None = None

    @property
    def named(self) -> list[str]:
        """The fields that are read."""
        return [path for path in (self.owner, self.caption, self.tags, self.filename) if path]

    def owner_in(self, document: Mapping[str, Any]) -> str | None:
        """The owner's id or address."""
        return text(at(document, self.owner))

    def caption_in(self, document: Mapping[str, Any]) -> str | None:
        """The caption."""
        return text(at(document, self.caption))

    def filename_in(self, document: Mapping[str, Any]) -> str | None:
        """The filename."""
        return text(at(document, self.filename))

    def tags_in(self, document: Mapping[str, Any]) -> list[str]:
        """The tags: a list of texts, or one text that separates them by commas."""
        found = at(document, self.tags)
        words = found.split(",") if isinstance(found, str) else found if isinstance(found, list) else []
        return [word for word in map(text, words) if word]


def at(document: Mapping[str, Any], path: str | None) -> Any:
    """What stands at a path with dots; None if nothing does."""
    found: Any = document
    for part in path.split(".") if path else [None]:
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def text(value: object) -> str | None:
    """A value as text; None for nothing and for what holds other values."""
    if value is None or isinstance(value, Mapping | list):
        return None
    return str(value).strip() or None
