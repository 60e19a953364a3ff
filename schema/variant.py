"""Derived forms of an image: presets, and whatever else is asked for."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import strawberry
from strawberry import Parent
from strawberry.types import Info

import models.image
from resolvers import variants
from resolvers.context import Context
from resolvers.variants import Wish
from schema.columns import needing
from schema.optional import given
from schema.scalars import URL

Root = Parent[models.image.Image]
NEEDED = needing(*variants.MADE_FROM)
"""For `variant` and `srcSet` of an image."""


@strawberry.enum(description="An image format.")
class ImageFormat(Enum):
    JPEG = strawberry.enum_value("JPEG", description="image/jpeg")
    PNG = strawberry.enum_value("PNG", description="image/png")
    WEBP = strawberry.enum_value("WEBP", description="image/webp")
    AVIF = strawberry.enum_value("AVIF", description="image/avif")
    GIF = strawberry.enum_value("GIF", description="image/gif")


@strawberry.enum(description="How a picture is brought into a box.")
class Fit(Enum):
    CONTAIN = strawberry.enum_value("CONTAIN", description="All of it, within the box; never enlarged.")
    COVER = strawberry.enum_value(
        "COVER",
        description="The box is filled, and what sticks out is cut off, as much on either side; never enlarged: the box shrinks in proportion instead.",
    )
    FILL = strawberry.enum_value("FILL", description="All of it, stretched to exactly the box.")


@strawberry.type(
    description="A derived form of an image: upright, in sRGB, with no more metadata than its policy leaves."
)
class Variant:
    name: str | None = strawberry.field(
        description="The preset's name: `thumbnail` (256 px) or `medium` (1,024 px); null of a variant on demand."
    )
    url: URL = strawberry.field(description="A signed address that expires.", metadata=needing())
    width_px: int = strawberry.field(description="Width in pixels.")
    height_px: int = strawberry.field(description="Height in pixels.")
    media_type: str = strawberry.field(description="Such as `image/webp`.")
    size_bytes: int | None = strawberry.field(description="Size in bytes; null of a variant on demand.")


def on_demand(
    root: Root,
    info: Info[Context, None],
    width_px: Annotated[
        int | None,
        strawberry.argument(
            description="1 to 8,192. Without it, what the height and the proportions make it; without both, the original's."
        ),
    ] = strawberry.UNSET,
    height_px: Annotated[
        int | None, strawberry.argument(description="1 to 8,192. Without it, likewise.")
    ] = strawberry.UNSET,
    fit: Annotated[
        Fit | None, strawberry.argument(description="CONTAIN unless said otherwise.")
    ] = strawberry.UNSET,
    format: Annotated[
        ImageFormat | None, strawberry.argument(description="The original's unless said otherwise.")
    ] = strawberry.UNSET,
    quality: Annotated[
        int | None,
        strawberry.argument(
            description="1 to 100; 80 unless said otherwise, 50 for AVIF. PNG and GIF have none."
        ),
    ] = strawberry.UNSET,
    expires_in_seconds: Annotated[
        int | None,
        strawberry.argument(description="1 to 604,800; 300 unless the service says otherwise."),
    ] = strawberry.UNSET,
) -> Variant:
    """What will be made when it is first fetched."""
    wish = Wish(given(width_px), given(height_px), _name(fit), _name(format), given(quality))
    signed = variants.variant(info.context, root, wish, given(expires_in_seconds))
    return Variant(
        name=None,
        url=URL(signed.url),
        width_px=signed.width_px,
        height_px=signed.height_px,
        media_type=signed.media_type,
        size_bytes=None,
    )


def src_set(
    root: Root,
    info: Info[Context, None],
    widths_px: Annotated[
        list[int] | None,
        strawberry.argument(
            description="1 to 8,192 each, at most 20; 320, 640, 960, 1,280, 1,920 and 2,560 unless said otherwise. What is wider than the original becomes the original's width."
        ),
    ] = strawberry.UNSET,
    format: Annotated[
        ImageFormat | None, strawberry.argument(description="The original's unless said otherwise.")
    ] = strawberry.UNSET,
) -> str:
    """Several widths."""
    return variants.src_set(info.context, root, given(widths_px), _name(format))


def _name(choice: Enum | None) -> str | None:
    """An enum's value; None where a client left it out."""
    chosen = given(choice)
    return chosen.name if chosen else None
