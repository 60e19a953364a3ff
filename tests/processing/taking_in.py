"""Images taken in as the service takes them in, for tests of what becomes of them."""

from __future__ import annotations

from beanie import PydanticObjectId

from models.image import Image
from models.values import MetadataPolicy
from processing.ingest import Incoming, Ingested, IngestLimits, Intake, Labels, unasked
from processing.probe import Limits
from processing.queue.base import WorkItem, WorkQueue
from processing.queue.memory import MemoryQueue
from processing.quota import Quota, limited_to
from processing.register import DEVELOP, Register
from processing.replace import Replacement
from storage.base import Storage

LIMITS = IngestLimits(max_file_size_bytes=10**6, probe=Limits(max_pixels=10**6, max_frames=10))


async def take_in(
    owner_id: PydanticObjectId, content: bytes, storage: Storage, queue: WorkQueue | None = None
) -> Ingested:
    """An upload of the owner's, with a caption and a tag."""

    async def pieces():
        yield content

    incoming = Incoming(owner_id, "a.jpg", pieces(), Labels("caption", ["tag"], MetadataPolicy.STRIP_ALL))
    return await Intake(storage, Register(queue or MemoryQueue()), LIMITS, limited_to(None)).take_in(incoming)


async def replace(
    owner_id: PydanticObjectId,
    image_id: PydanticObjectId,
    content: bytes,
    storage: Storage,
    queue: WorkQueue | None = None,
    quota: Quota | None = None,
) -> Image | None:
    """A replacement of the owner's."""

    async def pieces():
        yield content

    incoming = Replacement(owner_id, image_id, "b.jpg", pieces(), None, unasked)
    return await Intake(storage, Register(queue or MemoryQueue()), LIMITS, quota or limited_to(None)).replace(
        incoming
    )


def development(image: Image) -> WorkItem:
    """The work of developing it."""
    return WorkItem(DEVELOP, image.id, image.owner_id, id=PydanticObjectId())
