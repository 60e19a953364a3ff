"""With a provider that takes objects from clients itself, the bytes go there and not through the service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from beanie import PydanticObjectId

from auth import Viewer
from delivery.signing import Signer
from errors import CorruptImageError, FileTooLargeError, InvalidInputError, NotFoundError, StorageError
from models.staged_upload import StagedUpload
from models.values import MetadataPolicy
from processing.idempotency import IdempotencyKeys
from processing.ingest import Intake, Labels
from processing.queue.memory import MemoryQueue
from processing.quota import limited_to
from processing.register import Register
from processing.revocations import Revocations
from processing.staging import Staging
from resolvers import staged
from resolvers.context import Context
from storage.adapters import Storages
from storage.memory import MemoryStorage
from tests import pictures
from tests.acceptance import staging as client
from tests.processing.taking_in import LIMITS
from tests.storage.receiving import ReceivingStorage

pytestmark = pytest.mark.mongo
PHOTO = pictures.jpeg(seed=90)
SAID = Labels(None, [], MetadataPolicy.STRIP_ALL)


@pytest.fixture
async def provider(database):
    async with ReceivingStorage.serving() as storage:
        yield storage


def context(storage, owner_id):
    """What an operation of the owner's is given."""
    intake = Intake(storage, Register(MemoryQueue()), LIMITS, limited_to(None))
    services = SimpleNamespace(
        storages=Storages(storage),
        intake=intake,
        staging=Staging(Storages(storage), intake),
        signer=Signer("s" * 32, public_url="http://pictures", ttl_seconds=300),
        idempotency_keys=IdempotencyKeys(),
        revocations=Revocations(),
        live=SimpleNamespace(reached=None),
    )
    in_an_hour = datetime.now(UTC) + timedelta(hours=1)
    viewer = Viewer(id=str(owner_id), session_id=str(PydanticObjectId()), expires_at=in_an_hour)
    return Context(services, viewer, None)


async def create(asking, content, checksum=None):
    return await staged.create(asking, "a.jpg", "image/jpeg", len(content), checksum)


async def send(place, content):
    """As a client does with what GraphQL answers."""
    target = place.target
    fields, headers = (
        [{"name": name, "value": value} for name, value in pairs.items()]
        for pairs in (target.form_fields, target.headers)
    )
    described = {"url": target.url, "method": target.method, "headers": headers, "formFields": fields}
    return await client.send(described, content)


async def keys_of(storage):
    return [stored.key async for stored in storage.list("")]


@pytest.fixture
def asking(provider, owner_id):
    return context(provider, owner_id)


async def test_the_client_is_sent_to_the_provider_and_the_bytes_become_the_image(asking, provider):
    place = await create(asking, PHOTO)

    assert place.target.url == provider.url
    assert provider.ttl_seconds == 3600
    assert await send(place, PHOTO) == 201
    done = await staged.complete(asking, place.id, SAID)
    assert await keys_of(provider) == [done.image.storage.key]
    assert b"".join([piece async for piece in provider.get(done.image.storage.key)]) == PHOTO


async def test_another_provider_gives_an_address_of_ours(database, owner_id):
    place = await create(context(MemoryStorage(), owner_id), PHOTO)

    assert place.target.url.startswith(f"http://pictures/staged/{place.stage.id}?")


@pytest.mark.parametrize("content", [PHOTO + b"\0", PHOTO[:-1], PHOTO[:-2] + b"xx"])
async def test_other_bytes_than_were_declared_are_refused_though_the_provider_took_them(
    asking, provider, content
):
    checksum = "0" * 64 if len(content) == len(PHOTO) else None
    place = await create(asking, PHOTO, checksum)
    await send(place, content)

    with pytest.raises(CorruptImageError):
        await staged.complete(asking, place.id, SAID)

    assert await keys_of(provider) == []
    with pytest.raises(NotFoundError):
        await staged.complete(asking, place.id, SAID)


async def test_more_than_a_file_may_have_is_refused_and_read_no_further(asking, provider):
    place = await create(asking, PHOTO)
    await send(place, PHOTO + b"\0" * (2 * LIMITS.max_file_size_bytes))

    with pytest.raises(FileTooLargeError):
        await staged.complete(asking, place.id, SAID)

    assert await keys_of(provider) == []


async def test_what_is_sent_again_after_it_was_checked_changes_nothing(asking, provider):
    place = await create(asking, PHOTO)
    await send(place, PHOTO)
    done = await staged.complete(asking, place.id, SAID)

    await send(place, b"<script>" * 100)

    kept = b"".join([piece async for piece in provider.get(done.image.storage.key)])
    again = await staged.complete(asking, place.id, SAID)
    assert (kept, again.image.id) == (PHOTO, done.image.id)


async def test_before_the_bytes_are_at_the_provider_completing_says_so(asking):
    place = await create(asking, PHOTO)

    with pytest.raises(InvalidInputError, match="not arrived"):
        await staged.complete(asking, place.id, SAID)
    assert await send(place, PHOTO) == 201
    assert (await staged.complete(asking, place.id, SAID)).image


async def test_a_provider_that_gives_no_address_leaves_no_place_behind(
    asking, provider, monkeypatch, owner_id
):
    async def silent(*_, **__):
        raise StorageError("does not answer")

    monkeypatch.setattr(provider, "upload_target", silent)

    with pytest.raises(StorageError):
        await create(asking, PHOTO)
    assert await StagedUpload.count_open(owner_id) == 0


async def test_a_success_is_answered_again_after_the_stage_was_swept(asking, provider):
    place = await create(asking, PHOTO)
    await send(place, PHOTO)
    done = await staged.complete(asking, place.id, SAID)
    await place.stage.delete()

    again = await staged.complete(asking, place.id, SAID)
    assert (again.image.id, again.duplicate) == (done.image.id, False)


async def test_a_stage_whose_time_is_over_is_not_found(asking):
    place = await create(asking, PHOTO)
    await send(place, PHOTO)
    await place.stage.set({"expires_at": datetime.now(UTC) - timedelta(seconds=1)})

    with pytest.raises(NotFoundError):
        await staged.complete(asking, place.id, SAID)
