"""Variants on demand: a query says how large they are and where, the first fetch makes them, and they are kept."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack

import aiohttp
import pytest
import pyvips

from tests import pictures
from tests.client import Person

pytestmark = pytest.mark.every_storage
MADE_BY_US = ["gridfs", "filesystem", "s3"]
FORMATS = {"JPEG": "jpeg", "PNG": "png", "WEBP": "webp", "AVIF": "avif", "GIF": "gif"}
VARIANT = """
query ($id: ID!, $w: Int, $h: Int, $fit: Fit, $format: ImageFormat, $quality: Int, $seconds: Int) {
  image(id: $id) {
    variant(widthPx: $w, heightPx: $h, fit: $fit, format: $format, quality: $quality, expiresInSeconds: $seconds) {
      name url widthPx heightPx mediaType sizeBytes
    }
  }
}
"""
SRC_SET = """
query ($id: ID!, $widths: [Int!], $format: ImageFormat) { image(id: $id) { srcSet(widthsPx: $widths, format: $format) } }
"""


@pytest.fixture
async def http():
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture(scope="module")
async def photographers():
    """Somebody at each address, and the id of their photo, which lies on its side: upright it has 1,200 by 1,600 pixels."""
    photo = pictures.jpeg(1600, 1200, seed=70, orientation=6, gps=True)
    async with AsyncExitStack() as until_the_end:
        known = {}

        async def photographer_at(url):
            if url not in known:
                person = await until_the_end.enter_async_context(Person.signed_up(url))
                known[url] = person, (await person.upload(photo))["image"]["id"]
            return known[url]

        yield photographer_at


@pytest.fixture
async def ann(photographers, service):
    return (await photographers(service.url))[0]


@pytest.fixture
async def photo_id(photographers, service):
    return (await photographers(service.url))[1]


async def variant(person, image_id, **arguments):
    return (await person.data(VARIANT, id=image_id, **arguments))["image"]["variant"]


async def get(http, url, **headers):
    async with http.get(url, headers=headers) as response:
        return response, await response.read()


@pytest.mark.parametrize("image_format", FORMATS)
async def test_every_format_in_every_fit_is_as_large_as_the_query_said(http, ann, photo_id, image_format):
    for fit, width_px, height_px in (("CONTAIN", 150, 200), ("COVER", 300, 200), ("FILL", 300, 200)):
        found = await variant(ann, photo_id, w=300, h=200, fit=fit, format=image_format)

        response, body = await get(http, found["url"])

        decoded = pyvips.Image.new_from_buffer(body, "")
        suffix = FORMATS[image_format]
        assert (found["name"], found["sizeBytes"]) == (None, None)
        assert found["mediaType"] == response.headers["Content-Type"] == f"image/{suffix}"
        assert (
            (found["widthPx"], found["heightPx"]) == (width_px, height_px) == (decoded.width, decoded.height)
        )
        assert decoded.get("vips-loader").startswith({"avif": "heif"}.get(suffix, suffix))
        assert not [field for field in decoded.get_fields() if re.match("exif-ifd3|xmp|iptc", field)]


async def test_without_a_wish_a_variant_is_the_original_upright_in_its_own_format(http, ann, photo_id):
    found = await variant(ann, photo_id)

    _, body = await get(http, found["url"])

    assert (found["widthPx"], found["heightPx"], found["mediaType"]) == (1200, 1600, "image/jpeg")
    assert pyvips.Image.new_from_buffer(body, "").height == 1600


@pytest.mark.parametrize("storage_kind", MADE_BY_US)
async def test_a_variant_is_delivered_like_everything_else(http, ann, photo_id):
    url = (await variant(ann, photo_id, w=100))["url"]
    response, body = await get(http, url)

    assert (response.status, response.headers["Content-Disposition"]) == (200, "inline")
    assert re.fullmatch(r"private, max-age=\d+, immutable", response.headers["Cache-Control"])
    part, some = await get(http, url, Range="bytes=5-14")
    assert (part.status, some) == (206, body[5:15])
    same, nothing = await get(http, url, **{"If-None-Match": response.headers["ETag"]})
    assert (same.status, nothing) == (304, b"")
    async with http.head(url) as head:
        assert (head.status, head.headers["Content-Length"]) == (200, str(len(body)))


@pytest.mark.parametrize("storage_kind", MADE_BY_US)
async def test_i5_an_animation_goes_on_moving(http, ann):
    uploaded = await ann.upload(pictures.animated_gif(3, 64, 48, seed=71), filename="film.gif")

    for image_format, frames in (("GIF", 3), ("WEBP", 3), ("PNG", None)):
        found = await variant(ann, uploaded["image"]["id"], w=32, format=image_format)
        _, body = await get(http, found["url"])
        film = pyvips.Image.new_from_buffer(body, "n=-1" if frames else "")
        assert (film.get("n-pages") if frames else None, film.width, film.get_page_height()) == (
            frames,
            32,
            24,
        )


async def test_an_address_that_no_query_gave_is_refused(http, ann, photo_id):
    url = (await variant(ann, photo_id, w=100))["url"]

    for old, new in (("w100-", "w101-"), ("fill", "cover"), ("q80", "q81"), ("jpeg?", "webp?")):
        assert old in url
        response, _ = await get(http, url.replace(old, new))
        assert response.status == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"w": 0}, {"w": -1}, {"w": 8193}, {"h": 0}, {"h": 8193}, {"quality": 0}, {"quality": 101}, {"seconds": 0},
        {"seconds": 604_801}, {"w": 8192, "h": 8192, "fit": "FILL"}, {"w": 8192, "fit": "FILL"},
    ],
)  # fmt: skip
async def test_an_argument_out_of_its_range_is_bad_input(ann, photo_id, wrong):
    answer = await ann.execute(VARIANT, id=photo_id, **wrong)

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert answer["errors"][0]["path"] == ["image", "variant"]


async def test_a_src_set_is_what_browsers_read(http, ann, photo_id):
    async def src_set(**arguments):
        return (await ann.data(SRC_SET, id=photo_id, **arguments))["image"]["srcSet"]

    found = re.fullmatch(r"\S+[^,\s] \d+w(, \S+[^,\s] \d+w)*", await src_set())
    assert [int(width) for width in re.findall(r" (\d+)w", found.group())] == [320, 640, 960, 1200]
    for candidate in found.group().split(", "):
        url, width = candidate.split(" ")
        _, body = await get(http, url)
        assert f"{pyvips.Image.new_from_buffer(body, '').width}w" == width
    asked = await src_set(widths=[500, 100, 500, 8000, 1201], format="WEBP")
    assert re.findall(r" (\d+)w", asked) == ["100", "500", "1200"]
    assert asked.count(".webp?") == 3
    assert await src_set(widths=[]) == ""
    for wrong in ([0], [8193], list(range(1, 22))):
        answer = await ann.execute(SRC_SET, id=photo_id, widths=wrong)
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_the_service_names_what_variants_are_made_in(ann):
    assert (await ann.data("{ service { outputFormats } }"))["service"]["outputFormats"] == list(FORMATS)
