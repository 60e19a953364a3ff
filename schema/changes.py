"""Changes of a gallery."""

from __future__ import annotations

from enum import Enum
from typing import Any

import strawberry

import models.image
from resolvers.changes import GalleryChange as Change
from schema.image import Image


@strawberry.enum(description="What happened to an image in the gallery.")
class GalleryChangeKind(Enum):
    ADDED = strawberry.enum_value("ADDED", description="It was uploaded, or restored from the trash.")
    UPDATED = strawberry.enum_value(
        "UPDATED", description="Something about it changed, such as how far its development is."
    )
    REMOVED = strawberry.enum_value("REMOVED", description="It went to the trash, or is gone for good.")


@strawberry.type(description="A change of the gallery.")
class GalleryChange:
    cursor: str = strawberry.field(description="Goes into `after`, to go on behind this change.")
    kind: GalleryChangeKind = strawberry.field(description="What happened.")
    image: models.image.Image | None = strawberry.field(
        graphql_type=Image | None, description="The image as it is now; null once it is gone for good."
    )
    image_id: strawberry.ID = strawberry.field(
        description="The image's id, whether or not it is still there."
    )

    @classmethod
    def is_type_of(cls, value: Any, _: Any) -> bool:
        return isinstance(value, Change)
