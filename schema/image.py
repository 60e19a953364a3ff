"""Images: the type and its parts."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import strawberry
from strawberry import Parent
from strawberry.types import Info

import models.image
from resolvers import images
from resolvers.context import Context
from resolvers.progress import ImageProgress as Progress
from schema import variant as derived
from schema.columns import needing
from schema.node import Node
from schema.optional import given
from schema.scalars import URL
from schema.user import User
from schema.variant import Variant


@strawberry.enum(description="Where an image stands as a whole.")
class ImageState(Enum):
    PROCESSING = strawberry.enum_value("PROCESSING", description="Stored for good; being developed.")
    READY = strawberry.enum_value("READY", description="Variants and placeholder are there.")
    FAILED = strawberry.enum_value("FAILED", description="It could not be developed; `failure` says why.")


@strawberry.enum(description="How far an image's development is.")
class ImageStage(Enum):
    STORED = strawberry.enum_value("STORED", description="The original is kept for good.")
    PROBED = strawberry.enum_value("PROBED", description="Every pixel was decoded.")
    VARIANTS_MADE = strawberry.enum_value("VARIANTS_MADE", description="The presets can be fetched.")
    READY = strawberry.enum_value("READY", description="Everything is made. The work ends.")
    FAILED = strawberry.enum_value("FAILED", description="It could not be developed. The work ends.")


@strawberry.enum(description="Which provider keeps the bytes.")
class StorageKind(Enum):
    GRIDFS = strawberry.enum_value("GRIDFS", description="GridFS, in MongoDB.")
    S3 = strawberry.enum_value("S3", description="Amazon S3, or a service that speaks its protocol.")
    IMAGEKIT = strawberry.enum_value("IMAGEKIT", description="ImageKit.")
    FILESYSTEM = strawberry.enum_value("FILESYSTEM", description="A folder on the service's own disk.")


@strawberry.type(description="Why something ended badly.")
class Failure:
    code: str = strawberry.field(description="For programs.")
    message: str = strawberry.field(description="For people.")
    retryable: bool = strawberry.field(description="Whether trying again may help.")


@strawberry.type(description="What a page shows until the pixels come.")
class Placeholder:
    thumbhash: str = strawberry.field(
        description="A ThumbHash in base64: a blurred picture in about 25 bytes."
    )
    dominant_color: str = strawberry.field(description="The most common colour, as `#rrggbb`.")


@strawberry.enum(
    description="What everything derived from an original may still say of who took it, where and with what."
)
class MetadataPolicy(Enum):
    STRIP_ALL = strawberry.enum_value("STRIP_ALL", description="Nothing.")
    STRIP_GPS = strawberry.enum_value(
        "STRIP_GPS",
        description="Camera, lens, exposure and local time, as EXIF made anew. No place, and nothing that could hold one.",
    )
    KEEP = strawberry.enum_value(
        "KEEP",
        description="All EXIF and XMP, the place too. Not IPTC, comments, colour profile and embedded thumbnail.",
    )


@strawberry.type(description="What an original says of itself.")
class ImageDetails:
    taken_at: datetime | None = strawberry.field(
        description="EXIF's DateTimeOriginal; taken as UTC where the camera gave no offset."
    )
    camera_make: str | None = strawberry.field(description="Who made the camera.")
    camera_model: str | None = strawberry.field(description="Which camera it was.")
    orientation: int | None = strawberry.field(
        description="EXIF's, 1 to 8; null if there is none. Everything derived is upright already."
    )
    has_alpha: bool = strawberry.field(description="Whether pixels may be transparent.")
    frame_count: int = strawberry.field(description="1 unless it moves.")
    color_space: str = strawberry.field(
        description="`srgb`, `display-p3`, `adobe-rgb`, `prophoto-rgb`, `rec2020`, `gray`, `cmyk` or `lab`; else the colour profile's own name in small letters, digits and hyphens; `unknown` if it has none."
    )


@strawberry.type(description="What was found in an original's metadata, and what became of it.")
class PrivacyReport:
    had_gps: bool = strawberry.field(
        description="Whether the original says in EXIF or XMP where it was taken."
    )
    removed_tags: list[str] = strawberry.field(
        description="What the original has and nothing derived: names of tags such as `GPSLatitude`, or of what carries them, such as `XMP`. In order, at most 100."
    )
    policy: MetadataPolicy = strawberry.field(description="By which everything was derived.")


@strawberry.type(description="A picture and all that is known of it.")
class Image(Node):
    filename: str = strawberry.field(description="What its owner called it, made safe to show.")
    caption: str | None = strawberry.field(description="What its owner says of it.")
    tags: list[str] = strawberry.field(description="Words to find it by, in the order given.")
    state: ImageState = strawberry.field(description="Where it stands.")
    failure: Failure | None = strawberry.field(description="Why it FAILED.")
    media_type: str = strawberry.field(description="What the bytes are, by their content.")
    size_bytes: int = strawberry.field(description="Size of the original in bytes.")
    width_px: int = strawberry.field(description="Width in pixels, upright.")
    height_px: int = strawberry.field(description="Height in pixels, upright.")
    checksum_sha256: str = strawberry.field(description="SHA-256 of the original, in hex.")
    placeholder: Placeholder | None = strawberry.field(description="Null until made.")
    details: ImageDetails | None = strawberry.field(description="Null until READY.")
    privacy: PrivacyReport | None = strawberry.field(description="Null until READY.")
    created_at: datetime = strawberry.field(description="When it was uploaded.")
    updated_at: datetime = strawberry.field(description="When anything about it last changed.")

    trashed_at: datetime | None = strawberry.field(
        name="deletedAt", description="Since when it is in the trash; null outside it."
    )

    @classmethod
    def is_type_of(cls, value: Any, _: Any) -> bool:
        return isinstance(value, models.image.Image)

    @strawberry.field(
        description="Whose it is.",
        graphql_type=User,
        metadata=needing("owner_id") | {"batch": images.owners},
    )
    async def owner(self, root: Parent[models.image.Image], info: Info[Context, None]) -> Any:
        return await images.owner(info.context, root)

    @strawberry.field(description="Which provider keeps the original.", metadata=needing("storage"))
    def storage(self, root: Parent[models.image.Image]) -> StorageKind:
        return StorageKind[root.storage.kind.upper()]

    @strawberry.field(
        description="A signed address of the original: its bytes as they were sent, as an attachment.",
        metadata=needing(*images.ADDRESSED_BY),
    )
    def url(
        self,
        root: Parent[models.image.Image],
        info: Info[Context, None],
        expires_in_seconds: Annotated[
            int | None,
            strawberry.argument(description="1 to 604,800; 300 unless the service says otherwise."),
        ] = strawberry.UNSET,
    ) -> URL:
        return URL(images.url(info.context, root, given(expires_in_seconds)))

    @strawberry.field(
        description="The presets made in the background; empty until then.",
        graphql_type=list[Variant],
        metadata=needing("variants.name", "variants.*", *images.ADDRESSED_BY),
    )
    def variants(self, root: Parent[models.image.Image], info: Info[Context, None]) -> Any:
        return images.presets(info.context, root)

    variant: Variant = strawberry.field(
        resolver=derived.on_demand,
        description="The image in any size and format. Nothing is made yet: the first fetch of the address makes it, and it is kept.",
        metadata=derived.NEEDED,
    )
    src_set: str = strawberry.field(
        resolver=derived.src_set,
        description="For HTML's `srcset`: `<address> 320w, <address> 640w, …`, from narrow to wide.",
        metadata=derived.NEEDED,
    )


@strawberry.type(description="A numbered change of an image.")
class ImageProgress:
    sequence: int = strawberry.field(description="1, 2, 3 … for each image: no holes, no repeats.")
    image: models.image.Image = strawberry.field(
        graphql_type=Image, description="The image after it, or newer."
    )
    stage: ImageStage = strawberry.field(description="What was reached.")

    @classmethod
    def is_type_of(cls, value: Any, _: Any) -> bool:
        return isinstance(value, Progress)
