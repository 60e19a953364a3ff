"""The gallery: a list of images, paged through by cursors."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry import Parent
from strawberry.types import Info

import models.image
from models.page import Page, Position
from resolvers import changes, gallery
from resolvers.context import Context
from schema.image import Image
from schema.node import PageInfo


@strawberry.type(description="An image in a list, and where it lies.")
class ImageEdge:
    cursor: str = strawberry.field(description="Goes into `after`.")
    node: models.image.Image = strawberry.field(graphql_type=Image, description="The image.")


@strawberry.type(description="A page of images.")
class ImageConnection:
    @strawberry.field(description="The images with their cursors.")
    def edges(self, root: Parent[Page[models.image.Image]]) -> list[ImageEdge]:
        return [ImageEdge(cursor=_cursor(image), node=image) for image in root.items]

    @strawberry.field(description="The images.", graphql_type=list[Image])
    def nodes(self, root: Parent[Page[models.image.Image]]) -> Any:
        return root.items

    @strawberry.field(description="Where the page lies.")
    def page_info(self, root: Parent[Page[models.image.Image]]) -> PageInfo:
        return PageInfo(
            has_next_page=root.has_next,
            has_previous_page=root.has_previous,
            start_cursor=_cursor(root.items[0]) if root.items else None,
            end_cursor=_cursor(root.items[-1]) if root.items else None,
        )

    @strawberry.field(description="How many images the whole list has. Counted only when asked for.")
    async def total_count(self, info: Info[Context, None]) -> int:
        return await gallery.count(info.context)

    @strawberry.field(
        description="Goes into `after` of `galleryChanges`: nothing is missed that changed since this page was read."
    )
    def change_cursor(self, info: Info[Context, None]) -> str:
        return changes.cursor(info.context)


def _cursor(image: models.image.Image) -> str:
    return Position.of(image.created_at, image.id).encode()
