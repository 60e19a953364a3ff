"""Images: where the bytes lie and all that is known of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import ClassVar

from beanie import Document, PydanticObjectId
from pydantic import BaseModel
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from errors import DuplicateImageError
from models import reading, words, writing
from models.values import Details, Failure, MetadataPolicy, PrivacyReport


class ImageState(StrEnum):
    """Where an image stands as a whole."""

    PROCESSING = "PROCESSING"
    READY = "READY"
    FAILED = "FAILED"


class ImageStage(StrEnum):
    """How far its development is, in the order in which stages are reached."""

    STORED = "STORED"
    PROBED = "PROBED"
    VARIANTS_MADE = "VARIANTS_MADE"
    READY = "READY"
    FAILED = "FAILED"


FINAL_STAGES = (ImageStage.READY, ImageStage.FAILED)
COMPRESSED = "compressed"
OF_A_BATCH = {"batch_ids.0": {"$exists": True}}
LISTED_BY_OWNER = (("owner_id", ASCENDING), ("shelf", ASCENDING), ("state", ASCENDING))
SAME_BYTES = (("owner_id", ASCENDING), ("checksum_sha256", ASCENDING))
SHELF_OF_OWNER = (("owner_id", ASCENDING), ("shelf", ASCENDING))


class Shelf(StrEnum):
    """Which of its owner's lists an image stands in."""

    GALLERY = "GALLERY"
    BATCH = "BATCH"
    TRASH = "TRASH"


def home(shelf: str, trashed_from: str | None, batch_ids: Sequence[PydanticObjectId]) -> Shelf:
    """The shelf that an image stands on when it is not in the trash. No image is left on that of batches by them all."""
    if shelf != Shelf.TRASH:
        return Shelf(shelf)
    return Shelf.BATCH if trashed_from == Shelf.BATCH and batch_ids else Shelf.GALLERY


class StoredAt(BaseModel):
    """Which adapter holds the bytes, and under which key."""

    kind: str
    key: str


class Variant(BaseModel):
    """A derived form of the image; `key` is where it lies in the image's own storage.

    `recipe` says how the one named COMPRESSED was made, `kept_original` that nothing smaller could be.
    """

    name: str
    key: str
    media_type: str
    width_px: int
    height_px: int
    size_bytes: int
    recipe: str | None = None
    kept_original: bool = False


class Placeholder(BaseModel):
    """What a page shows until the pixels come: a thumbhash in base64, a colour as `#rrggbb`."""

    thumbhash: str
    dominant_color: str


def listing_keys(field: str) -> list[tuple[str, int]]:
    """The index that an owner's shelf is listed by; its last keys are there to be asked for without reading images."""
    narrowed_by = [("state", ASCENDING), ("media_type", ASCENDING)]
    return [*SHELF_OF_OWNER, (field, DESCENDING), ("_id", DESCENDING), *narrowed_by]


def batch_keys(field: str) -> list[tuple[str, int]]:
    """The index that the images of a batch are listed by."""
    return [("batch_ids", ASCENDING), (field, DESCENDING), ("_id", DESCENDING), *LISTED_BY_OWNER]


class Image(Document):
    """A picture and its owner. `sequence` is the number of its last event.

    `shelf` says which of its owner's lists it stands in; `batch_ids` are the batches that use it.
    `answers_duplicates` is true while the same bytes of the same owner are answered with this image: not once it has
    FAILED, not in the trash, and never for two images at once. Exactly while it is in the trash `trashed_at` is set, and
    `trashed_from` where it came from.
    `words` and `sort_name` are what `models/words.py` makes of the filename, the caption and the tags: whatever changes
    one of these changes them too.
    """

    owner_id: PydanticObjectId
    filename: str
    caption: str | None = None
    tags: list[str] = []
    words: list[str] = []
    sort_name: str = ""
    state: ImageState = ImageState.PROCESSING
    stage: ImageStage = ImageStage.STORED
    sequence: int = 1
    failure: Failure | None = None
    media_type: str
    size_bytes: int
    width_px: int
    height_px: int
    frame_count: int
    checksum_sha256: str
    answers_duplicates: bool = True
    storage: StoredAt
    shelf: Shelf = Shelf.GALLERY
    batch_ids: list[PydanticObjectId] = []
    trashed_at: datetime | None = None
    trashed_from: Shelf | None = None
    metadata_policy: MetadataPolicy = MetadataPolicy.STRIP_ALL
    variants: list[Variant] = []
    placeholder: Placeholder | None = None
    details: Details | None = None
    privacy: PrivacyReport | None = None
    created_at: datetime
    updated_at: datetime

    class Settings:
        name = "images"
        indexes: ClassVar = [
            *(IndexModel(listing_keys(field)) for field in ("created_at", "size_bytes", "sort_name")),
            *(
                IndexModel(batch_keys(field), partialFilterExpression=OF_A_BATCH)
                for field in ("created_at", "size_bytes", "sort_name")
            ),
            IndexModel([*SHELF_OF_OWNER, ("words", ASCENDING)]),
            IndexModel([*SAME_BYTES], unique=True, partialFilterExpression={"answers_duplicates": True}),
            IndexModel(
                [*SAME_BYTES, ("created_at", ASCENDING), ("_id", ASCENDING)],
                partialFilterExpression={"answers_duplicates": False},
            ),
            IndexModel(
                [("trashed_at", ASCENDING), ("_id", ASCENDING)],
                partialFilterExpression={"shelf": Shelf.TRASH},
            ),
        ]

    @property
    def is_finished(self) -> bool:
        """Whether no more events come."""
        return self.stage in FINAL_STAGES

    @property
    def home(self) -> Shelf:
        """The shelf that it stands on when it is not in the trash."""
        return home(self.shelf, self.trashed_from, self.batch_ids)

    @property
    def compressed(self) -> Variant | None:
        """What a batch made of it."""
        return next((variant for variant in self.variants if variant.name == COMPRESSED), None)

    @classmethod
    async def add(cls, images: Sequence[Image], transaction: AsyncClientSession) -> None:
        """Remembers new images.

        Raises:
            DuplicateImageError: The owner of one of them has its bytes already.
        """
        try:
            await writing.insert(images, transaction)
        except DuplicateKeyError as error:
            raise DuplicateImageError from error

    @classmethod
    async def for_delivery(cls, image_id: PydanticObjectId) -> Image | None:
        """The image, whosever it is: a signed address leads to it. Without what only a search or its owner reads."""
        reader = reading.of(cls, DELIVERED)
        found = await cls.get_pymongo_collection().find_one({"_id": image_id}, reader.projection)
        return reader.read(found) if found else None

    @classmethod
    async def of_owner(
        cls,
        owner_id: PydanticObjectId,
        image_id: PydanticObjectId,
        columns: frozenset[str] | None = None,
    ) -> Image | None:
        """The image, if it is this owner's; with `columns`, those of its fields, its id and its owner's."""
        reader = reading.of(cls, columns, "owner_id")
        mine = {"_id": image_id, "owner_id": owner_id}
        found = await cls.get_pymongo_collection().find_one(mine, reader.projection)
        return reader.read(found) if found else None

    @classmethod
    async def all_of_owner(
        cls,
        owner_id: PydanticObjectId,
        image_ids: Iterable[PydanticObjectId],
        columns: frozenset[str] | None = None,
    ) -> dict[PydanticObjectId, Image]:
        """Those of the images that are this owner's, by id, in one query. `columns` as for `of_owner`."""
        reader = reading.of(cls, columns, "owner_id")
        mine = {"_id": {"$in": list(image_ids)}, "owner_id": owner_id}
        found = await cls.get_pymongo_collection().find(mine, reader.projection).to_list()
        return {raw["_id"]: reader.read(raw) for raw in found}

    @classmethod
    async def is_gone(cls, image_id: PydanticObjectId) -> bool:
        """Whether there is no such image, and none that a failover could bring back."""
        durable = cls.get_pymongo_collection().with_options(read_concern=ReadConcern("majority"))
        return await durable.find_one({"_id": image_id}, {"_id": 1}) is None

    @classmethod
    async def with_bytes(
        cls, owner_id: PydanticObjectId, checksum_sha256: str, transaction: AsyncClientSession
    ) -> Image | None:
        """The owner's image of exactly these bytes."""
        same_bytes = {"owner_id": owner_id, "checksum_sha256": checksum_sha256, "answers_duplicates": True}
        return await cls.find_one(same_bytes, session=transaction)

    @classmethod
    async def describe(
        cls,
        owner_id: PydanticObjectId,
        image_id: PydanticObjectId,
        labels: Mapping[str, object],
        transaction: AsyncClientSession,
    ) -> Image | None:
        """Sets `caption`, `tags` or both; None, and no effect, if the image is not this owner's."""
        image: Image | None = await cls.find_one({"_id": image_id, "owner_id": owner_id}, session=transaction)
        if image is None:
            return None
        described: Image = image.model_copy(update={**labels, "updated_at": datetime.now(UTC)})
        described.words = words.of(described.filename, described.caption, described.tags)
        changes = described.model_dump(include={"caption", "tags", "words", "updated_at"})
        await cls.get_pymongo_collection().update_one(
            {"_id": image_id}, {"$set": changes}, session=transaction
        )
        return described


DELIVERED = frozenset(Image.model_fields) - {"words", "details", "privacy"}
