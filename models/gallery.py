"""An owner's images as a list: narrowed down, ordered, a page at a time, counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from beanie import PydanticObjectId

from models import reading, words
from models.image import OF_A_BATCH, Image, ImageState, Shelf, batch_keys, listing_keys
from models.page import Direction, Order, Page, Window
from models.tally import Tally


class OrderField(Enum):
    """What a gallery can be sorted by: a field of its images and what it holds. Each has an index of its own."""

    CREATED_AT = "created_at", datetime
    SIZE_BYTES = "size_bytes", int
    FILENAME = "sort_name", str

    def order(self, direction: Direction) -> Order:
        """By this."""
        field, kind = self.value
        return Order(field, kind, direction)


NEWEST_FIRST = OrderField.CREATED_AT.order(Direction.DESC)


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What is listed: whatever meets all that is given here. Nothing given lists the gallery.

    With `batch_id` all images that the batch uses are listed, wherever they stand outside the trash.
    """

    search: str = ""
    tags_all: tuple[str, ...] = ()
    media_types: tuple[str, ...] = ()
    state: ImageState | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    trashed: bool = False
    batch_id: PydanticObjectId | None = None

    def conditions(self) -> list[dict[str, Any]]:
        """As queries that all hold."""
        return [
            {"shelf": self._shelf},
            *([{"batch_ids": self.batch_id, **OF_A_BATCH}] if self.batch_id else []),
            *({"words": word} for word in self.words),
            *({"tags": tag} for tag in self.tags_all),
            *([{"media_type": {"$in": list(self.media_types)}}] if self.media_types else []),
            *([{"state": self.state}] if self.state else []),
            *([{"created_at": {"$gt": self.created_after}}] if self.created_after else []),
            *([{"created_at": {"$lt": self.created_before}}] if self.created_before else []),
        ]

    @property
    def _shelf(self) -> str | dict[str, list[Shelf]]:
        if self.trashed:
            return Shelf.TRASH
        return {"$in": [Shelf.GALLERY, Shelf.BATCH]} if self.batch_id else Shelf.GALLERY

    @property
    def words(self) -> list[str | dict[str, str]]:
        """Those of the index: the beginnings that are sought, and all that the tags have."""
        beginnings = [{"$regex": f"^{word}"} for word in words.sought(self.search)]
        return [*beginnings, *words.of("", None, self.tags_all)]


@dataclass(frozen=True)
class Gallery:
    """Those of an owner's images that a filter lets through."""

    owner_id: PydanticObjectId
    filter: Filter

    async def page(self, window: Window, columns: frozenset[str] | None = None) -> Page[Image]:
        """The part of the list that is wanted; with `columns`, those fields of its images, and what a page itself needs."""
        reader = reading.of(Image, columns, "owner_id", window.order.field)
        found = Image.get_pymongo_collection().find(
            self.query(window), reader.projection, sort=window.reading.sort, limit=window.size + 1
        )
        return window.page([reader.read(image) for image in await found.to_list()])

    async def count(self) -> int:
        """How many images the whole list has."""
        if self.filter.conditions() == Filter().conditions():
            return (await Tally.of_owner(self.owner_id)).image_count
        keys = batch_keys if self.filter.batch_id else listing_keys
        hint: dict[str, Any] = {} if self.filter.words else {"hint": keys(NEWEST_FIRST.field)}
        return await Image.get_pymongo_collection().count_documents({"$and": self._conditions()}, **hint)

    def query(self, window: Window) -> dict[str, Any]:
        """What is read for a page."""
        return {"$and": [*self._conditions(), *window.bounds]}

    def _conditions(self) -> list[dict[str, Any]]:
        return [{"owner_id": self.owner_id}, *self.filter.conditions()]
