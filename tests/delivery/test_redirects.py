"""Where a provider serves or derives by itself, clients are sent there; where it does not, they are not."""

from __future__ import annotations

import re

import pytest

from delivery import naming
from delivery.signing import NEVER
from models.image import Variant
from models.values import MetadataPolicy
from processing.sizes import Fit
from storage.abilities import Rendering
from storage.memory import MemoryStorage
from tests import pictures
from tests.delivery.fetching import fetched, half_of
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

    response = await fetched(storage, image, naming.ORIGINAL)

    assert (response.status_code, response.content) == (302, b"")
    assert response.headers["location"].startswith(
        f"https://provider.example/{image.storage.key}?type=image/jpeg&name=photo&"
    )


@pytest.mark.parametrize(("ttl_seconds", "longest"), [(1, 1), (60, 90), (604_800, 900), (NEVER, 900)])
async def test_a_kept_redirect_never_leads_to_a_dead_link(linked, ttl_seconds, longest):
    response = await fetched(*linked, naming.ORIGINAL, ttl_seconds)

    link_seconds = seconds(response, r"seconds=(\d+)")
    kept_seconds = seconds(response, r"private, max-age=(\d+)")
    assert 1 <= link_seconds <= longest
    assert kept_seconds <= link_seconds / 2


async def test_what_needs_no_bytes_of_the_original_is_answered_by_us(linked):
    etag = f'"{linked[1].checksum_sha256}"'

    head = await fetched(*linked, naming.ORIGINAL, method="HEAD")
    unchanged = await fetched(*linked, naming.ORIGINAL, **{"If-None-Match": etag})

    assert (head.status_code, head.headers["content-length"]) == (200, str(len(CONTENT)))
    assert (unchanged.status_code, unchanged.headers["etag"]) == (304, etag)


async def test_presets_and_variants_on_demand_are_sent_by_us_from_a_provider_that_only_links(linked):
    storage, image = linked
    preset = Variant(name="medium", key=image.storage.key, media_type="image/jpeg", width_px=64, height_px=48, size_bytes=len(CONTENT))  # fmt: skip
    await image.set({"variants": [preset.model_dump()]})

    assert (await fetched(storage, image, "medium")).content == CONTENT
    assert (await fetched(storage, image, half_of(image).name)).content[8:12] == b"WEBP"


async def test_a_variant_on_demand_is_fetched_from_a_provider_that_derives(derived):
    storage, image = derived
    await image.set({"metadata_policy": MetadataPolicy.STRIP_GPS})

    response = await fetched(storage, image, half_of(image, Fit.COVER, 20).name)

    assert (response.status_code, response.content) == (302, b"")
    assert response.headers["location"].startswith(f"https://provider.example/{image.storage.key}/derived")
    assert response.headers["cache-control"].startswith("private, max-age=")
    assert storage.renderings == [Rendering(20, 24, "cover", "image/webp", 80, keep_metadata=False)]
    assert [stored.key async for stored in storage.list("")] == [image.storage.key]


async def test_a_provider_keeps_metadata_only_where_all_of_it_may_be_kept(derived):
    storage, image = derived
    await image.set({"metadata_policy": MetadataPolicy.KEEP})

    await fetched(storage, image, half_of(image).name)

    assert storage.renderings[0].keep_metadata


async def test_a_provider_that_only_derives_has_its_originals_sent_by_us(derived):
    assert (await fetched(*derived, naming.ORIGINAL)).content == CONTENT


async def test_a_head_of_a_derived_variant_is_answered_by_us(derived):
    storage, image = derived

    response = await fetched(storage, image, half_of(image).name, method="HEAD")

    assert (response.status_code, response.headers["content-type"]) == (200, "image/webp")
    assert storage.renderings == []
