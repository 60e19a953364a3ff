"""The gallery: a list of images, narrowed down, ordered, paged through by cursors."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any

import strawberry
from strawberry import Parent
from strawberry.types import Info

import models.image
from models.gallery import NEWEST_FIRST, Filter, OrderField
from models.page import Direction, Order
from resolvers import changes, gallery
from resolvers.context import Context
from resolvers.gallery import Listed
from schema.connection import Connection
from schema.image import Image, ImageState
from schema.optional import given


@strawberry.enum(
    description="What a gallery is ordered by. Images that are alike in it are ordered by their ids."
)
class GalleryOrderField(Enum):
    CREATED_AT = strawberry.enum_value("CREATED_AT", description="When the image was uploaded.")
    SIZE_BYTES = strawberry.enum_value("SIZE_BYTES", description="The size of the original.")
    FILENAME = strawberry.enum_value(
        "FILENAME", description="What its owner called it; case and accents make no difference."
    )


@strawberry.enum(description="Which end of an order comes first.")
class OrderDirection(Enum):
    ASC = strawberry.enum_value("ASC", description="The earliest, the smallest, A.")
    DESC = strawberry.enum_value("DESC", description="The latest, the largest, Z.")


@strawberry.input(description="How a gallery is ordered.")
class GalleryOrder:
    field: GalleryOrderField = strawberry.field(description="By what.")
    direction: OrderDirection = strawberry.field(description="From which end.")

    @staticmethod
    def unpacked(order: GalleryOrder | None) -> Order:
        if order is None:
            return NEWEST_FIRST
        return OrderField[order.field.name].order(Direction[order.direction.name])


@strawberry.input(
    description="Narrows a gallery down to the images that meet all that is given. Null and an empty list narrow nothing."
)
class GalleryFilter:
    search: str | None = strawberry.field(
        description="Up to 10 words, 256 characters: each is the beginning of a word of the filename, the caption or a "
        "tag. Case and accents make no difference.",
        default=strawberry.UNSET,
    )
    tags_all: list[str] | None = strawberry.field(
        description="Up to 20 tags of up to 100 characters: the image has every one, written exactly so.",
        default=strawberry.UNSET,
    )
    media_types: list[str] | None = strawberry.field(
        description="Up to 20 media types, such as `image/jpeg`: the original is of one of them.",
        default=strawberry.UNSET,
    )
    state: ImageState | None = strawberry.field(
        description="Where the image stands.", default=strawberry.UNSET
    )
    created_after: datetime | None = strawberry.field(
        description="Uploaded later than this, not at this very time.", default=strawberry.UNSET
    )
    created_before: datetime | None = strawberry.field(
        description="Uploaded earlier than this, not at this very time.", default=strawberry.UNSET
    )
    trashed: bool | None = strawberry.field(
        description="True: only what is in the trash. Otherwise none of it.", default=strawberry.UNSET
    )

    batch_id: strawberry.ID | None = strawberry.field(
        description="The images of a batch, which stand in no list otherwise.", default=strawberry.UNSET
    )

    @staticmethod
    def unpacked(wanted: GalleryFilter | None) -> Filter:
        if wanted is None:
            return Filter()
        state = given(wanted.state)
        return Filter(
            search=given(wanted.search) or "",
            tags_all=tuple(given(wanted.tags_all) or ()),
            media_types=tuple(given(wanted.media_types) or ()),
            state=models.image.ImageState[state.name] if state else None,
            created_after=given(wanted.created_after),
            created_before=given(wanted.created_before),
            trashed=given(wanted.trashed) or False,
            batch_id=gallery.batch_of(given(wanted.batch_id)),
        )


@strawberry.type(description="An image in a list, and where it lies.")
class ImageEdge:
    node: models.image.Image = strawberry.field(graphql_type=Image, description="The image.")
    cursor: str = strawberry.field(description="Goes into `after` or `before`.")


@strawberry.type(description="A page of images.")
class ImageConnection(Connection):
    @strawberry.field(description="The images with their cursors.", graphql_type=list[ImageEdge])
    def edges(self, root: Parent[Listed]) -> Any:
        return root.page.edges()

    @strawberry.field(description="The images.", graphql_type=list[Image])
    def nodes(self, root: Parent[Listed]) -> Any:
        return root.page.items

    @strawberry.field(
        description="Goes into `after` of `galleryChanges`: nothing is missed that changed since this page was read."
    )
    def change_cursor(self, info: Info[Context, None]) -> str:
        return changes.cursor(info.context)
