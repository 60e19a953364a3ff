"""Images that one has, changed: inputs, payloads and results."""

from __future__ import annotations

from typing import Annotated

import strawberry

import models.image
from schema.errors import InvalidInputError, NotFoundError
from schema.image import Image


@strawberry.input(description="What is to be said of an image from now on. What is left out stays as it is.")
class UpdateImageInput:
    id: strawberry.ID = strawberry.field(description="The image's id.")
    caption: str | None = strawberry.field(
        description="At most 2,000 characters; null for none.", default=strawberry.UNSET
    )
    tags: list[str] | None = strawberry.field(
        description="All of its tags: at most 50, each of 1 to 100 characters; null for none.",
        default=strawberry.UNSET,
    )


@strawberry.input(description="An image to be deleted.")
class DeleteImageInput:
    id: strawberry.ID = strawberry.field(description="The image's id.")
    permanently: bool | None = strawberry.field(
        description="At once and for good, from the gallery or from the trash. Otherwise it goes into the trash, can be "
        "restored, and is deleted for good after some time (30 days unless the service is set otherwise).",
        default=strawberry.UNSET,
    )


@strawberry.input(description="An image to be taken out of the trash.")
class RestoreImageInput:
    id: strawberry.ID = strawberry.field(description="The image's id.")


@strawberry.type(description="Described anew.")
class UpdateImagePayload:
    image: models.image.Image = strawberry.field(
        graphql_type=Image, description="The image as it is described now."
    )


@strawberry.type(
    description="In the trash, or deleted for good. Repeating it answers the same while it is in the trash."
)
class DeleteImagePayload:
    deleted_image_id: strawberry.ID = strawberry.field(description="The image's id.")


@strawberry.type(description="In the gallery, where it may have been already.")
class RestoreImagePayload:
    image: models.image.Image = strawberry.field(graphql_type=Image, description="The image.")


UpdateImageResult = Annotated[
    UpdateImagePayload | NotFoundError | InvalidInputError,
    strawberry.union("UpdateImageResult", description="The image, or why it was not changed."),
]
DeleteImageResult = Annotated[
    DeleteImagePayload | NotFoundError,
    strawberry.union("DeleteImageResult", description="What was deleted, or why nothing was."),
]
RestoreImageResult = Annotated[
    RestoreImagePayload | NotFoundError,
    strawberry.union("RestoreImageResult", description="The image, or why there is none."),
]
