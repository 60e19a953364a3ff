"""Where a provider serves or derives by itself, clients are sent there; where it does not, they are not."""

from __future__ import annotations

import re

import httpx
import pytest
from starlette.applications import Starlette

from delivery import naming
from delivery.images import ImageDelivery
from delivery.signing import NEVER, Signer
from models.image import Image, MetadataPolicy, StoredAt, Variant
from processing import recipes
from processing.sizes import Box, Fit
from processing.variants import Variants
from storage.abilities import Rendering
from storage.adapters import Storages
from storage.memory import MemoryStorage
from tests import pictures
from tests.processing import darkroom

pytestmark = pytest.mark.mongo
SIDES = {"width_px": 64, "height_px": 48}
CONTENT = pictures.jpeg(64, 48)


class LinkingStorage(MemoryStorage):
    kind = "linking"

    async def link(self, key, *, media_type, filename, ttl_seconds):
        return f"https://provider.example/{key}?type={media_type}&name={filename}&seconds={ttl_seconds}"


class DerivingStorage(MemoryStorage):
    kind = "deriving"

    def __init__(self):
        super().__init__()
        self.renderings = []

    async def derived_link(self, key, rendering, *, ttl_seconds):
        self.renderings.append(rendering)
        return f"https://provider.example/{key}/derived?seconds={ttl_seconds}"


async def deliver(storage, image, name, ttl_seconds=300, method="GET", others=None, **headers):
    storages = Storages(storage, others)
    signer = Signer("s" * 32, public_url="http://pictures", ttl_seconds=ttl_seconds)
    delivery = ImageDelivery(storages, signer, Variants(storages, pixels_per_hour=10**9))
    transport = httpx.ASGITransport(Starlette(routes=delivery.routes()))
    async with httpx.AsyncClient(transport=transport) as http:
        return await http.request(method, signer.address(naming.path(image, name)), headers=headers)


def half(image, fit=Fit.FILL, width_px=32):
    return recipes.of(image, Box(width_px, 24), fit, "image/webp")


@pytest.fixture
async def linked(database):
    storage = LinkingStorage()
    return storage, await darkroom.kept(storage, CONTENT, **SIDES)


@pytest.fixture
async def derived(database):
    storage = DerivingStorage()
    return storage, await darkroom.kept(storage, CONTENT, **SIDES)


def seconds(response, pattern):
    return int(re.search(pattern, str(response.headers)).group(1))


async def test_an_original_is_fetched_from_a_provider_that_links(linked):
    storage, image = linked

    response = await deliver(storage, image, naming.ORIGINAL)

    assert (response.status_code, response.content) == (302, b"")
    assert response.headers["location"].startswith(
        f"https://provider.example/{image.storage.key}?type=image/jpeg&name=photo&"
    )


@pytest.mark.parametrize(("ttl_seconds", "longest"), [(1, 1), (60, 90), (604_800, 900), (NEVER, 900)])
async def test_a_kept_redirect_never_leads_to_a_dead_link(linked, ttl_seconds, longest):
    response = await deliver(*linked, naming.ORIGINAL, ttl_seconds)

    link_seconds = seconds(response, r"seconds=(\d+)")
    kept_seconds = seconds(response, r"private, max-age=(\d+)")
    assert 1 <= link_seconds <= longest
    assert kept_seconds <= link_seconds / 2


async def test_what_needs_no_bytes_of_the_original_is_answered_by_us(linked):
    etag = f'"{linked[1].checksum_sha256}"'

    head = await deliver(*linked, naming.ORIGINAL, method="HEAD")
    unchanged = await deliver(*linked, naming.ORIGINAL, **{"If-None-Match": etag})

    assert (head.status_code, head.headers["content-length"]) == (200, str(len(CONTENT)))
    assert (unchanged.status_code, unchanged.headers["etag"]) == (304, etag)


async def test_presets_and_variants_on_demand_are_sent_by_us_from_a_provider_that_only_links(linked):
    storage, image = linked
    preset = Variant(name="medium", key=image.storage.key, media_type="image/jpeg", width_px=64, height_px=48, size_bytes=len(CONTENT))  # fmt: skip
    await image.set({"variants": [preset.model_dump()]})

    assert (await deliver(storage, image, "medium")).content == CONTENT
    assert (await deliver(storage, image, half(image).name)).content[8:12] == b"WEBP"


async def test_a_variant_on_demand_is_fetched_from_a_provider_that_derives(derived):
    storage, image = derived
    await image.set({"metadata_policy": MetadataPolicy.STRIP_GPS})

    response = await deliver(storage, image, half(image, Fit.COVER, 20).name)

    assert (response.status_code, response.content) == (302, b"")
    assert response.headers["location"].startswith(f"https://provider.example/{image.storage.key}/derived")
    assert response.headers["cache-control"].startswith("private, max-age=")
    assert storage.renderings == [Rendering(20, 24, "cover", "image/webp", 80, keep_metadata=False)]
    assert [stored.key async for stored in storage.list("")] == [image.storage.key]


async def test_a_provider_keeps_metadata_only_where_all_of_it_may_be_kept(derived):
    storage, image = derived
    await image.set({"metadata_policy": MetadataPolicy.KEEP})

    await deliver(storage, image, half(image).name)

    assert storage.renderings[0].keep_metadata


async def test_a_provider_that_only_derives_has_its_originals_sent_by_us(derived):
    assert (await deliver(*derived, naming.ORIGINAL)).content == CONTENT


async def test_a_head_of_a_derived_variant_is_answered_by_us(derived):
    storage, image = derived

    response = await deliver(storage, image, half(image).name, method="HEAD")

    assert (response.status_code, response.headers["content-type"]) == (200, "image/webp")
    assert storage.renderings == []


class Leaving(MemoryStorage):
    """Whatever is asked for has just been moved to another storage."""

    kind = "leaving"

    def __init__(self, image_id, place):
        super().__init__()
        self._image_id, self._place = image_id, place

    async def _moved(self):
        change = {"$set": {"storage": self._place.model_dump()}}
        await Image.get_pymongo_collection().update_one({"_id": self._image_id}, change)

    async def get(self, key, **limits):
        await self._moved()
        async for piece in super().get(key, **limits):
            yield piece


@pytest.mark.parametrize("name", [naming.ORIGINAL, "w32-h24-fill-q80.webp"])
async def test_what_is_moved_between_two_looks_is_found_in_its_new_place(database, name):
    new = MemoryStorage()
    image = await darkroom.kept(new, CONTENT, **SIDES)
    old = Leaving(image.id, image.storage.model_copy())
    await image.set({"storage": StoredAt(kind="leaving", key=image.storage.key).model_dump()})

    response = await deliver(new, image, name, others={"leaving": lambda: old})

    assert response.status_code == 200
    assert (response.content == CONTENT) == (name == naming.ORIGINAL)


@pytest.mark.parametrize("name", ["nothing", "w32-h24-fill-q080.webp", "w32-h24-fill-q80.png"])
async def test_a_name_that_says_nothing_is_not_found_though_it_be_signed(linked, name):
    assert (await deliver(*linked, name)).status_code == 404


async def test_a_picture_that_does_not_decode_is_refused_plainly(database):
    storage = MemoryStorage()
    image = await darkroom.kept(storage, pictures.undecodable_png(), media_type="image/png", **SIDES)

    response = await deliver(storage, image, half(image).name)

    assert (response.status_code, response.headers["cache-control"]) == (422, "no-store")
    assert "damaged" in response.text
