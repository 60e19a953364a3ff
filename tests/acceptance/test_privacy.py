"""A photo taken somewhere is uploaded; its owner learns what it says, and nobody else learns anything."""

from __future__ import annotations

import pytest

from tests import metadata_pictures

pytestmark = pytest.mark.every_storage

QUERY = """
query ($id: ID!) {
  image(id: $id) {
    details { takenAt cameraMake cameraModel orientation hasAlpha frameCount colorSpace }
    privacy { hadGps removedTags policy }
    url
    variants { url }
  }
}
"""


async def fetched(person, url):
    async with person.http.get(url) as response:
        assert response.status == 200
        return await response.read()


async def test_the_owner_is_told_what_a_photo_says_of_itself(ann):
    developed = await ann.developed(metadata_pictures.full_jpeg(orientation=6))

    image = (await ann.data(QUERY, id=developed["id"]))["image"]

    assert image["details"] == {
        "takenAt": "2024-05-17T08:18:22.250Z",
        "cameraMake": "Kamera & Co (Test)",
        "cameraModel": "K-1000",
        "orientation": 6,
        "hasAlpha": False,
        "frameCount": 1,
        "colorSpace": "profile-of-zq7marker",
    }
    assert (image["privacy"]["hadGps"], image["privacy"]["policy"]) == (True, "STRIP_ALL")
    assert {"GPSLatitude", "Make", "BodySerialNumber", "XMP", "IPTC", "Thumbnail", "Comment"} <= set(
        image["privacy"]["removedTags"]
    )


@pytest.mark.parametrize(
    "content",
    [
        metadata_pictures.full_jpeg(),
        metadata_pictures.full_png(),
        metadata_pictures.full_webp(),
        metadata_pictures.full_gif(),
        metadata_pictures.full_avif(),
    ],
    ids=["JPEG", "PNG", "WebP", "GIF", "AVIF"],
)
async def test_i2_no_variant_gives_anything_away_and_the_original_is_untouched(ann, content):
    developed = await ann.developed(content)

    image = (await ann.data(QUERY, id=developed["id"]))["image"]
    told = [metadata_pictures.MARKER, metadata_pictures.MODEL, b"52,31.25N", *metadata_pictures.PLACES]
    assert len(image["variants"]) == 2
    for variant in image["variants"]:
        made = await fetched(ann, variant["url"])
        assert not [said for said in [*told, b"EXIF", b"XMP", b"ICCP"] if said in made]
    assert await fetched(ann, image["url"]) == content
