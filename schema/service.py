"""What this service can do."""

from __future__ import annotations

import strawberry
from strawberry.types import Info

from resolvers import service
from resolvers.context import Context
from schema.image import StorageKind
from schema.variant import ImageFormat


@strawberry.type(description="What this service can do.")
class Service:
    version: str = strawberry.field(description="Darkroom's version.")
    storage: StorageKind = strawberry.field(description="Where new images are kept.")
    max_file_size_bytes: int = strawberry.field(description="The most bytes that a file may have.")
    max_pixels: int = strawberry.field(description="The most pixels that a frame may have.")
    input_media_types: list[str] = strawberry.field(description="What comes in.")
    output_formats: list[ImageFormat] = strawberry.field(description="What variants are made in.")


def described(info: Info[Context, None]) -> Service:
    """The service as it is configured."""
    facts = service.describe(info.context)
    return Service(
        version=facts.version,
        storage=StorageKind[facts.storage_kind.upper()],
        max_file_size_bytes=facts.max_file_size_bytes,
        max_pixels=facts.max_pixels,
        input_media_types=list(facts.input_media_types),
        output_formats=[
            ImageFormat[name.removeprefix("image/").upper()] for name in facts.output_media_types
        ],
    )
