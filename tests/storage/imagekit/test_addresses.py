"""Addresses that clients are given: signed, with an end, of exactly the bytes or of a picture made of them."""

from __future__ import annotations

import re
import time

import aiohttp
import jwt
import pytest
import pyvips

from storage.abilities import Deriving, Linking, Receiving, Rendering
from storage.imagekit.adapter import ImageKitStorage
from storage.imagekit.client_uploads import ClientUploads
from tests import pictures
from tests.imagekit.server import PRIVATE_KEY, PUBLIC_KEY


@pytest.fixture
async def photo(storage, key):
    """A picture on its side, with a place in its metadata; kept under `key`."""
    content = pictures.jpeg(320, 200, seed=7, orientation=6, gps=True)

    async def pieces():
        yield content

    await storage.put(key, pieces())
    return content


async def get(http, url):
    async with http.get(url) as response:
        return response.status, await response.read()


def link(storage, key, ttl_seconds=60):
    return storage.link(key, media_type="image/jpeg", filename="a.jpg", ttl_seconds=ttl_seconds)


def rendering(**differences):
    usual = {
        "width_px": 100, "height_px": 80, "fit": "cover", "media_type": "image/webp", "quality": 80, "keep_metadata": False,
    }  # fmt: skip
    return Rendering(**{**usual, **differences})


def test_the_adapter_has_all_abilities(storage):
    assert isinstance(storage, Linking)
    assert isinstance(storage, Deriving)
    assert isinstance(storage, Receiving)


async def test_a_link_leads_to_exactly_the_bytes_as_an_attachment(storage, key, photo, http):
    async with http.get(await link(storage, key)) as response:
        assert (response.status, await response.read()) == (200, photo)
        assert response.headers["Content-Disposition"].startswith("attachment")


async def test_a_link_that_was_changed_or_is_over_is_refused(storage, key, photo, http):
    url = await link(storage, key)
    end = re.search(r"ik-t=(\d+)", url)[1]
    altered = [
        url.replace("orig-true", "w-10"),
        url.replace("&ik-attachment=true", "").replace("ik-attachment=true&", ""),
        url.replace(f"ik-t={end}", f"ik-t={int(end) + 60}"),
        re.sub(r"&ik-t=\d+", "", url),
        url[:-1] + ("0" if url[-1] != "0" else "1"),
        url.partition("?")[0],
    ]

    assert [status for status, _ in [await get(http, changed) for changed in altered]] == [401] * 6


@pytest.mark.parametrize("ttl_seconds", [0, -1, -(10**9), 1])
async def test_no_link_is_without_an_end(storage, key, ttl_seconds):
    for url in (
        await link(storage, key, ttl_seconds),
        await storage.derived_link(key, rendering(), ttl_seconds=ttl_seconds),
    ):
        assert int(re.search(r"ik-t=(\d+)", url)[1]) <= time.time() + 1


@pytest.mark.parametrize("fit", ["fill", "cover"])
@pytest.mark.parametrize(
    ("media_type", "loader"),
    [("image/webp", "webp"), ("image/jpeg", "jpeg"), ("image/png", "png"), ("image/avif", "heif")],
)
async def test_a_derived_picture_is_exactly_so_large_and_upright(
    storage, key, photo, http, fit, media_type, loader
):
    url = await storage.derived_link(key, rendering(fit=fit, media_type=media_type), ttl_seconds=60)

    async with http.get(url) as response:
        picture = pyvips.Image.new_from_buffer(await response.read(), "")

        assert response.headers["Content-Type"] == media_type
    assert (picture.width, picture.height) == (100, 80)
    assert picture.get("vips-loader").startswith(loader)
    assert not [field for field in picture.get_fields() if field.startswith("exif")]


async def test_cover_cuts_off_and_fill_stretches(storage, key, photo, http):
    upright = pyvips.Image.new_from_buffer(photo, "").autorot()
    made = {}
    for fit in ("cover", "fill"):
        how = rendering(fit=fit, width_px=100, height_px=100, media_type="image/png")
        _, body = await get(http, await storage.derived_link(key, how, ttl_seconds=60))
        made[fit] = pyvips.Image.new_from_buffer(body, "")

    wanted = {
        "cover": upright.thumbnail_image(100, height=100, crop="centre", no_rotate=True),
        "fill": upright.thumbnail_image(100, height=100, size="force", no_rotate=True),
    }
    for fit, picture in made.items():
        assert (picture - wanted[fit]).abs().max() == 0


async def test_metadata_is_kept_only_if_wanted(storage, key, photo, http):
    kept = await storage.derived_link(
        key, rendering(keep_metadata=True, media_type="image/jpeg"), ttl_seconds=60
    )

    _, body = await get(http, kept)

    fields = pyvips.Image.new_from_buffer(body, "").get_fields()
    assert [field for field in fields if field.startswith("exif")]


def target(storage, key, content, ttl_seconds=600):
    return storage.upload_target(
        key, media_type="image/jpeg", size_bytes=len(content), ttl_seconds=ttl_seconds
    )


async def send(http, target, content, **changed):
    form = aiohttp.FormData()
    for name, value in {**target.form_fields, **changed}.items():
        form.add_field(name, value)
    form.add_field("file", content, filename="anything.jpg", content_type="image/jpeg")
    async with http.request(target.method, target.url, data=form, headers=target.headers) as response:
        return response.status


async def test_a_client_puts_an_object_itself(fake, storage, key, http):
    content = pictures.jpeg(40, 30)

    assert await send(http, await target(storage, key, content), content) == 200

    assert b"".join([piece async for piece in storage.get(key)]) == content
    assert (await storage.head(key)).size_bytes == len(content)
    assert fake.library.files[f"/{key}"].is_private


@pytest.mark.parametrize(
    "changed",
    [
        {"fileName": "another"},
        {"folder": "/originals/another/"},
        {"useUniqueFileName": "true"},
        {"isPrivateFile": "false"},
        {"checks": '"file.size" = 1'},
        {"tags": "more"},
        {"token": "x.y.z"},
    ],
)
async def test_a_client_can_change_nothing_that_was_signed(fake, storage, key, http, changed):
    content = pictures.jpeg(40, 30)

    assert await send(http, await target(storage, key, content), content, **changed) == 403
    assert not fake.library.files


async def test_a_client_is_held_to_the_size(fake, storage, key, http):
    content = pictures.jpeg(40, 30)

    assert await send(http, await target(storage, key, content), content + b"x") == 400
    assert not fake.library.files


async def test_a_target_is_good_once_and_for_its_time(fake, storage, key, http, monkeypatch):
    content = pictures.jpeg(40, 30)
    once = await target(storage, key, content)
    now = time.time()
    with monkeypatch.context() as earlier:
        earlier.setattr(time, "time", lambda: now - 100)
        over = await target(storage, f"{key}2", content, ttl_seconds=50)

    assert [await send(http, once, content) for _ in range(2)] == [200, 403]
    assert await send(http, over, content) == 403


@pytest.mark.parametrize("ttl_seconds", [0, 60, 86_400])
async def test_a_token_ends_within_the_hour(storage, key, ttl_seconds):
    token = (await target(storage, key, b"x", ttl_seconds)).form_fields["token"]

    claims = jwt.decode(token, PRIVATE_KEY, algorithms=["HS256"])

    assert jwt.get_unverified_header(token)["kid"] == PUBLIC_KEY
    assert claims["exp"] - claims["iat"] == min(max(ttl_seconds, 1), 3_599)


def test_without_an_address_of_its_own_a_target_is_at_imagekit():
    made = ClientUploads(private_key=PRIVATE_KEY, public_key=PUBLIC_KEY, base_url=None).target(
        "/a/b", size_bytes=1, ttl_seconds=9
    )

    assert made.url == "https://upload.imagekit.io/api/v2/files/upload"


async def test_the_sdk_sends_to_the_address_that_was_set(fake):
    storage = ImageKitStorage(**fake.access)
    await storage.check()
    await storage.close()

    assert fake.asked == ["GET /v1/files", "HEAD /media/nothing"]
