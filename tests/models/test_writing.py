"""What is written is what the documents say, down to what is nested in them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from beanie import PydanticObjectId

from models import writing
from models.event import Event
from models.image import Image, Placeholder, StoredAt, Variant
from models.work import Topic, Work

pytestmark = pytest.mark.mongo


def image(**said):
    now = datetime.now(UTC)
    return Image(
        owner_id=PydanticObjectId(),
        filename="a.jpg",
        media_type="image/jpeg",
        size_bytes=1,
        width_px=1,
        height_px=1,
        frame_count=1,
        checksum_sha256="00",
        storage=StoredAt(kind="memory", key="a"),
        created_at=now,
        updated_at=now,
        **said,
    )


def documents():
    variant = Variant(name="small", key="b", media_type="image/webp", width_px=1, height_px=1, size_bytes=1)
    yield image()
    yield image(
        id=PydanticObjectId(),
        tags=["a"],
        batch_ids=[PydanticObjectId()],
        variants=[variant, variant],
        placeholder=Placeholder(thumbhash="", dominant_color="#000000"),
    )
    yield Event(owner_id=PydanticObjectId(), subject_id=PydanticObjectId(), sequence=1, stage="STORED")
    yield Work(topic=Topic.LATER, kind="a", subject_id=PydanticObjectId(), owner_id=PydanticObjectId())


def test_a_document_is_written_as_it_dumps_itself(database):
    for document in documents():
        assert writing.fields(document) == document.model_dump(exclude={"id", "revision_id"})
