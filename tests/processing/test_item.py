"""An image is developed once, however often the work is done."""

from __future__ import annotations

import asyncio

import pytest
from beanie import PydanticObjectId

from errors import OutcomeUnknownError, StorageError
from models.event import Event
from models.image import Image, ImageState
from models.values import MetadataPolicy
from processing import item as steps
from processing.ingest import Incoming, IngestLimits, Intake, Labels
from processing.item import DevelopImage
from processing.probe import Limits
from processing.queue.base import WorkItem
from processing.queue.memory import MemoryQueue
from processing.quota import limited_to
from processing.register import DEVELOP, Register
from storage.adapters import Storages
from storage.memory import MemoryStorage
from tests import metadata_pictures, pictures
from tests.processing.in_process import InProcess

pytestmark = pytest.mark.mongo
LIMITS = IngestLimits(max_file_size_bytes=10**6, probe=Limits(max_pixels=10**6, max_frames=10))
ALL_STAGES = [(1, "STORED"), (2, "PROBED"), (3, "VARIANTS_MADE"), (4, "READY")]


@pytest.fixture
def storage(database):
    return MemoryStorage()


@pytest.fixture
def handler(storage):
    return DevelopImage(Storages(storage), MemoryQueue(), InProcess())


@pytest.fixture
async def image(storage, owner_id):
    return await taken_in(storage, owner_id, pictures.jpeg(300, 200))


async def taken_in(storage, owner_id, content):
    async def pieces():
        yield content

    incoming = Incoming(owner_id, "a.jpg", pieces(), Labels(None, [], MetadataPolicy.STRIP_ALL))
    return (await Intake(storage, Register(MemoryQueue()), LIMITS, limited_to(None)).take_in(incoming)).image


def work(image):
    return WorkItem(DEVELOP, image.id, image.owner_id, id=PydanticObjectId())


async def stages(image):
    return [(event.sequence, event.stage) for event in await Event.after(image.id, 0)]


async def test_an_image_passes_every_stage(handler, image):
    await handler.run(work(image))

    developed = await Image.get(image.id)
    assert (developed.state, developed.sequence) == (ImageState.READY, 4)
    assert [variant.name for variant in developed.variants] == ["medium", "thumbnail"]
    assert await stages(image) == ALL_STAGES


async def test_variants_go_where_the_original_lies_whatever_takes_new_ones(storage, image):
    current = MemoryStorage()
    current.kind = "newer"
    handler = DevelopImage(Storages(current, {"memory": lambda: storage}), MemoryQueue(), InProcess())

    await handler.run(work(image))

    developed = await Image.get(image.id)
    assert developed.state == ImageState.READY
    assert {stored.key async for stored in storage.list("variants/")} == {v.key for v in developed.variants}
    assert [stored async for stored in current.list("")] == []


@pytest.mark.parametrize("policy", MetadataPolicy)
async def test_details_and_privacy_come_with_the_last_stage_by_the_images_policy(
    handler, storage, owner_id, policy
):
    image = await taken_in(storage, owner_id, metadata_pictures.full_jpeg())
    await image.set({"metadata_policy": policy})

    await handler.run(work(image))

    developed = await Image.get(image.id)
    assert (developed.details.camera_model, developed.details.frame_count) == ("K-1000", 1)
    assert (developed.privacy.policy, developed.privacy.had_gps) == (policy, True)
    for variant in developed.variants:
        content = b"".join([piece async for piece in storage.get(variant.key)])
        assert (metadata_pictures.MODEL in content) == (policy != MetadataPolicy.STRIP_ALL)
        assert (metadata_pictures.PLACES[0] in content) == (policy == MetadataPolicy.KEEP)


async def test_work_done_again_changes_nothing(handler, image):
    await handler.run(work(image))
    before = await Image.get(image.id)

    await handler.run(work(image))

    assert await Image.get(image.id) == before


async def test_two_workers_at_once_write_every_stage_once_and_leave_no_strays(handler, image, storage):
    await asyncio.gather(*(handler.run(work(image)) for _ in range(4)))

    developed = await Image.get(image.id)
    assert await stages(image) == ALL_STAGES
    used = {developed.storage.key, *(variant.key for variant in developed.variants)}
    assert {stored.key async for stored in storage.list("")} == used


@pytest.mark.parametrize("step", ["PROBED", "VARIANTS_MADE", "READY"])
async def test_an_attempt_that_dies_at_a_stage_is_finished_by_the_next(
    handler, storage, image, monkeypatch, step
):
    advance = steps._advance

    async def dying(developed, stage, **changes):
        if stage == step:
            raise LookupError
        return await advance(developed, stage, **changes)

    monkeypatch.setattr(steps, "_advance", dying)
    with pytest.raises(LookupError):
        await handler.run(work(image))
    monkeypatch.undo()
    variants = (await Image.get(image.id)).variants
    assert {stored.key async for stored in storage.list("variants/")} == {variant.key for variant in variants}

    await handler.run(work(image))

    assert await stages(image) == ALL_STAGES


async def test_a_picture_that_does_not_decode_fails_for_good(handler, storage, owner_id):
    image = await taken_in(storage, owner_id, pictures.undecodable_png())

    await handler.run(work(image))

    failed = await Image.get(image.id)
    assert (failed.state, failed.failure.code, failed.failure.retryable) == (
        ImageState.FAILED,
        "CORRUPT_IMAGE",
        False,
    )
    assert await stages(image) == [(1, "STORED"), (2, "FAILED")]
    assert not failed.answers_duplicates


async def test_a_missing_original_fails_for_good(handler, storage, image):
    await storage.delete(image.storage.key)

    await handler.run(work(image))

    assert (await Image.get(image.id)).failure.code == "ORIGINAL_MISSING"


async def test_a_provider_that_fails_is_tried_again(handler, storage, image, monkeypatch):
    async def down(key, parts):
        raise StorageError("down")

    monkeypatch.setattr(storage, "put", down)
    with pytest.raises(StorageError):
        await handler.run(work(image))

    assert (await Image.get(image.id)).state == ImageState.PROCESSING


async def test_work_that_is_given_up_says_so(handler, image):
    await handler.give_up(work(image))

    failed = await Image.get(image.id)
    assert (failed.failure.code, failed.failure.retryable) == ("PROCESSING_FAILED", True)


async def test_work_about_an_image_that_is_gone_is_done(handler, image):
    await image.delete()

    await handler.run(work(image))


async def test_bytes_stay_while_a_failover_could_bring_their_document_back(
    handler, storage, image, monkeypatch
):
    async def deleted_but_not_yet_everywhere(owner_id, image_id):
        return None

    with monkeypatch.context() as patched:
        patched.setattr(Image, "of_owner", deleted_but_not_yet_everywhere)
        with pytest.raises(OutcomeUnknownError):
            await handler.run(work(image))

    assert await storage.head(image.storage.key)
    await handler.run(work(image))
    assert await stages(image) == ALL_STAGES


async def test_the_log_expires_only_after_the_work_has_ended(handler, image):
    assert [event.expires_at for event in await Event.after(image.id, 0)] == [None]

    await handler.run(work(image))

    assert all(event.expires_at for event in await Event.after(image.id, 0))
