"""Originals and variants are fetched by signed addresses, and by nothing else."""

from __future__ import annotations

import json
import re
from contextlib import AsyncExitStack

import aiohttp
import pytest
import pyvips

from tests import pictures
from tests.client import Person

pytestmark = pytest.mark.every_storage

IMAGE = """
query ($id: ID!) {
  image(id: $id) {
    url long: url(expiresInSeconds: 604800) placeholder { thumbhash dominantColor } widthPx heightPx
    variants { name url widthPx heightPx mediaType sizeBytes }
  }
}
"""


@pytest.fixture(scope="module")
def photo():
    return pictures.jpeg(1600, 1200, seed=20, orientation=6, gps=True)


@pytest.fixture(scope="module")
async def photographers(photo):
    """Somebody with this one photo at each address, and its id; nobody changes anything."""
    async with AsyncExitStack() as until_the_end:
        known = {}

        async def photographer_at(url):
            if url not in known:
                person = await until_the_end.enter_async_context(Person.signed_up(url))
                developed = await person.developed(photo, filename='r\u00e9sum\u00e9 "x".jpg')
                known[url] = person, developed["id"]
            return known[url]

        yield photographer_at


@pytest.fixture
async def ann(photographers, service):
    return (await photographers(service.url))[0]


@pytest.fixture
async def image(photographers, service):
    """A developed image, with its addresses."""
    ann, image_id = await photographers(service.url)
    return (await ann.data(IMAGE, id=image_id))["image"]


@pytest.fixture
def medium(image):
    """A variant, which we send ourselves wherever it lies."""
    return image["variants"][0]


@pytest.fixture
async def http():
    async with aiohttp.ClientSession() as session:
        yield session


async def get(http, url, **headers):
    async with http.get(
        url, headers={name.replace("_", "-"): value for name, value in headers.items()}
    ) as response:
        return response, await response.read()


async def test_i7_the_original_comes_back_byte_for_byte_as_an_attachment(http, image, photo):
    response, body = await get(http, image["url"])

    assert (response.status, body) == (200, photo)
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["Content-Disposition"].startswith("attachment")
    ours = response.history[0] if response.history else response  # or else its provider has sent it
    assert ours.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in ours.headers["Content-Security-Policy"]


@pytest.mark.parametrize("storage_kind", ["gridfs", "filesystem", "s3"])
async def test_i9_the_original_has_the_name_that_it_came_with(http, image):
    response, _ = await get(http, image["url"])

    name = "filename*=UTF-8''r%C3%A9sum%C3%A9%20%22x%22.jpg"
    assert response.headers["Content-Disposition"] == f"attachment; {name}"


async def test_variants_are_upright_webp_without_a_trace_of_metadata(http, image):
    assert [(v["name"], v["widthPx"], v["heightPx"]) for v in image["variants"]] == [
        ("medium", 768, 1024),
        ("thumbnail", 192, 256),
    ]
    for variant in image["variants"]:
        response, body = await get(http, variant["url"])
        decoded = pyvips.Image.new_from_buffer(body, "")
        assert (decoded.width, decoded.height) == (variant["widthPx"], variant["heightPx"])
        assert (response.headers["Content-Type"], len(body)) == ("image/webp", variant["sizeBytes"])
        assert not [field for field in decoded.get_fields() if re.match("exif|xmp|iptc", field)]


async def test_the_image_is_measured_upright_and_has_a_placeholder(image):
    assert (image["widthPx"], image["heightPx"]) == (1200, 1600)
    assert re.fullmatch(r"#[0-9a-f]{6}", image["placeholder"]["dominantColor"])
    assert 10 < len(image["placeholder"]["thumbhash"]) < 60


async def test_equal_queries_within_a_window_give_equal_addresses(ann, image, photo):
    uploaded = await ann.upload(photo)

    again = (await ann.data(IMAGE, id=uploaded["image"]["id"]))["image"]

    assert again == image


async def test_what_the_client_has_is_not_sent_again(http, image):
    for address in (image["url"], image["variants"][0]["url"]):
        async with http.head(address) as response:
            etag = response.headers["ETag"]

        for header in (etag, f'"other", W/{etag}', "*"):
            unchanged, body = await get(http, address, If_None_Match=header)
            assert (unchanged.status, body, unchanged.headers["ETag"]) == (304, b"", etag)
        changed, _ = await get(http, address, If_None_Match='"other"')
        assert changed.status == 200


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-0", 0, 1), ("bytes=100-", 100, None), ("bytes=-5", -5, None), ("bytes=5-9999999999", 5, None)],
)
async def test_a_range_gives_a_part(http, image, photo, asked, start, end):
    response, body = await get(http, image["url"], Range=asked)

    assert (response.status, body) == (206, photo[start:end])
    assert response.headers["Content-Range"].endswith(f"/{len(photo)}")


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6", "bytes=-"])
async def test_a_range_that_makes_no_sense_gives_everything(http, medium, asked):
    response, body = await get(http, medium["url"], Range=asked)

    assert (response.status, len(body)) == (200, medium["sizeBytes"])


async def test_a_range_behind_the_end_is_416(http, medium):
    size_bytes = medium["sizeBytes"]

    response, _ = await get(http, medium["url"], Range=f"bytes={size_bytes}-")

    assert (response.status, response.headers["Content-Range"]) == (416, f"bytes */{size_bytes}")


async def test_a_range_of_other_bytes_gives_everything(http, medium):
    response, body = await get(http, medium["url"], Range="bytes=0-0", If_Range='"other"')

    assert (response.status, len(body)) == (200, medium["sizeBytes"])


async def test_head_says_what_get_would_send(http, image, photo):
    async with http.head(image["url"]) as response:
        assert (response.status, response.headers["Content-Length"]) == (200, str(len(photo)))
        assert response.headers["ETag"]


async def test_head_takes_no_notice_of_a_range(http, image, photo):
    for asked in ("bytes=0-0", f"bytes={len(photo)}-"):
        async with http.head(image["url"], headers={"Range": asked}) as response:
            assert (response.status, response.headers["Content-Length"]) == (200, str(len(photo)))


async def test_the_lifetime_of_an_address_can_be_asked_for_within_bounds(ann, image):
    image_id = (await ann.data("{ gallery { nodes { id } } }"))["gallery"]["nodes"][0]["id"]
    query = "query ($id: ID!, $seconds: Int) { image(id: $id) { url(expiresInSeconds: $seconds) } }"

    assert image["long"] != image["url"]
    for seconds in (0, -1, 604_801):
        answer = await ann.execute(query, id=image_id, seconds=seconds)
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT", json.dumps(answer)
