"""Images as documents, in every state and with every kind of detail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from models.event import Event
from models.image import Image, ImageStage, ImageState, Placeholder, Shelf, StoredAt, Variant
from models.user import User
from models.values import Details, Failure, MetadataPolicy, PrivacyReport
from tests.processing.darkroom import photo

BEGAN = datetime(2026, 1, 31, 12, tzinfo=UTC)


async def images(owner: User) -> list[Image]:
    """One of every kind, in MongoDB."""
    made = []
    for number in range(7):
        state = [ImageState.READY, ImageState.PROCESSING, ImageState.FAILED][number % 3]
        image = photo(
            owner_id=owner.id, filename=f"photo {number}.jpg", tags=["lake", "tree"][: number % 3], words=["lake", "photo"],
            caption=[None, "", "ü"][number % 3], state=state, stage=ImageStage(state) if number % 3 != 1 else ImageStage.PROBED,
            created_at=BEGAN + timedelta(days=number), storage=StoredAt(kind="gridfs", key=f"{owner.id}/{number}"),
            shelf=Shelf.TRASH if number == 6 else Shelf.GALLERY, trashed_at=BEGAN if number == 6 else None,
            failure=Failure(code="CORRUPT", message="No.", retryable=False) if number % 3 == 2 else None,
            variants=[_variant(name) for name in ("thumb", "large")[: (number + 1) % 3]],
            placeholder=Placeholder(thumbhash="aGFzaA==", dominant_color="#102030") if number % 2 else None,
            details=_details(number) if number % 2 else None,
            privacy=PrivacyReport(had_gps=True, removed_tags=["GPS"], policy=MetadataPolicy.STRIP_ALL) if number % 3 else None,
        )  # fmt: skip
        made.append(await image.insert())
        await Event(owner_id=owner.id, subject_id=image.id, sequence=1, stage="STORED").insert()
    return made


def _variant(name: str) -> Variant:
    return Variant(
        name=name, key=f"key/{name}", media_type="image/webp", width_px=320, height_px=240, size_bytes=9
    )


def _details(number: int) -> Details:
    return Details(
        taken_at=BEGAN if number > 2 else None, camera_make="Ä", camera_model=None, orientation=number % 9, has_alpha=False,
        frame_count=1, color_space="srgb",
    )  # fmt: skip
