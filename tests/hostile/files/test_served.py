"""What is made of hostile files carries nothing of them but pixels, and what is served as it came runs nowhere."""

from __future__ import annotations

import asyncio
from urllib.parse import unquote

import pytest
import pyvips

from tests import pictures
from tests.hostile.files import corpus
from tests.hostile.oracle import says_nothing_of_the_inside
from tests.processing.probe import files

pytestmark = pytest.mark.mongo

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
VARIANTS = "\n".join(f"{each.lower()}: variant(widthPx: 20, format: {each}) {{ url }}" for each in FORMATS)
QUERY = f"query ($id: ID!) {{ image(id: $id) {{ url mediaType variants {{ url }} {VARIANTS} }} }}"
P3_RED = (255, 0, 0)
WIDE_AS_SRGB = {"p3": (255, 0, 0), "srgb": (200, 60, 30), "cmyk": (200, 60, 30)}
NAMES = {
    "../../../etc/passwd": "passwd",
    "/etc/shadow.jpg": "shadow.jpg",
    "C:\\Windows\\system32\\a.jpg": "a.jpg",
    "a\u202egpj.exe": "agpj.exe",
    "<img src=x onerror=alert(1)>.jpg": "<img src=x onerror=alert(1)>.jpg",
    "CON": "CON",
    "😀.jpg": "😀.jpg",
    "x" * 4_096: "x" * 255,
    "..": None,
}


async def told(person, content, name="photo.jpg"):
    """The developed image's addresses."""
    uploaded = await person.upload(content, name)
    assert (await person.progress(uploaded["image"]["id"]))[-1]["image"]["state"] == "READY"
    return (await person.data(QUERY, id=uploaded["image"]["id"]))["image"]


async def got(person, url):
    async with person.http.get(url) as response:
        return response, await response.read()


async def derived(person, image):
    urls = [each["url"] for each in image["variants"]] + [image[each.lower()]["url"] for each in FORMATS]
    answers = await asyncio.gather(*(got(person, url) for url in urls))
    assert [response.status for response, _ in answers] == [200] * len(urls)
    return [body for _, body in answers]


async def test_i7_nothing_derived_of_a_polyglot_carries_its_other_half(ann):
    cases = [each for each in corpus.polyglots() if each.verdict is corpus.Verdict.DEVELOPED]

    images = await asyncio.gather(*(told(ann, case.content) for case in cases[::4] + cases[-4:]))
    made = [body for image in images for body in await derived(ann, image)]

    assert not [body for body in made if corpus.SCRIPT in body or b"<?php" in body or b"PK\3\4" in body]


async def test_i7_what_is_served_as_it_came_is_an_attachment_of_the_sniffed_type_in_a_sandbox(ann):
    page = pictures.gif(seed=50) + b"<html>" + corpus.SCRIPT

    image = await told(ann, page, "page.html")
    response, body = await got(ann, image["url"])

    assert body == page
    assert response.headers["Content-Type"] == "image/gif"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers.get("X-Content-Type-Options") == "nosniff"
    policy = response.headers.get("Content-Security-Policy", "")
    assert {"sandbox", "default-src 'none'"} <= set(policy.split("; "))


async def test_i2_no_derivative_has_the_thumbnail_or_the_place_of_the_exif(ann):
    inner = pictures.jpeg(16, 12, seed=51)
    photo = pictures.jpeg(80, 60, seed=52, gps=True, orientation=6, thumbnail=inner)

    made = await derived(ann, await told(ann, photo))

    assert not [body for body in made if b"Exif" in body or b"EXIF" in body or inner[-64:] in body]


@pytest.mark.parametrize("space", WIDE_AS_SRGB)
async def test_i4_whatever_its_colour_space_a_derivative_is_8_bit_srgb_of_the_same_colours(ann, space):
    flat = (pyvips.Image.black(64, 48, bands=3) + WIDE_AS_SRGB[space]).cast("uchar")
    flat = flat.copy(interpretation="srgb")
    if space != "srgb":
        flat = flat.icc_transform(space, input_profile="srgb")
    content = flat.write_to_buffer(".jpg", Q=100, keep="icc", subsample_mode="off")

    image = await told(ann, content)
    for url in (image["variants"][0]["url"], image["png"]["url"]):
        _, body = await got(ann, url)
        made = pyvips.Image.new_from_buffer(body, "")
        assert (made.interpretation, made.format, made.bands) == ("srgb", "uchar", 3)
        assert difference(made, WIDE_AS_SRGB[space]) < 5


def difference(made, colour):
    """CIEDE2000, on average."""
    wanted = (pyvips.Image.black(made.width, made.height, bands=3) + colour).cast("uchar")
    return made.colourspace("lab").dE00(wanted.copy(interpretation="srgb").colourspace("lab")).avg()


async def test_i4_sixteen_bits_come_out_as_eight(ann):
    deep = pyvips.Image.black(64, 48).linear([1, 1, 1], [40_000, 20_000, 10_000])
    content = deep.cast("ushort").copy(interpretation="rgb16").write_to_buffer(".png")

    _, body = await got(ann, (await told(ann, content))["png"]["url"])

    made = pyvips.Image.new_from_buffer(body, "")
    assert (made.interpretation, made.format) == ("srgb", "uchar")
    assert made.getpoint(5, 5) == pytest.approx([156, 78, 39], abs=2)


@pytest.mark.parametrize("sent", NAMES)
async def test_i9_a_name_is_echoed_harmless_and_is_no_part_of_a_key(ann, sent):
    uploaded = await ann.upload(files.png_with(pictures.png(seed=53)), sent)

    response, _ = await got(ann, uploaded["image"]["url"])

    name = uploaded["image"]["filename"]
    assert name == (NAMES[sent] or name)
    assert "/" not in name
    assert unquote(response.headers["Content-Disposition"].partition("UTF-8''")[2]) == name
    assert says_nothing_of_the_inside(str(uploaded))


@pytest.mark.parametrize("sent", ["a\r\nX-Evil: 1.jpg", "a\0.jpg", "\ud800.jpg"])
async def test_i9_a_name_with_control_characters_or_half_a_letter_breaks_no_header(ann, sent):
    uploaded = await raw(ann, sent)

    assert not set("\r\n\0") & set(uploaded["image"]["filename"])
    response, _ = await got(ann, uploaded["image"]["url"])
    assert "X-Evil" not in response.headers


async def raw(person, name):
    """An upload whose form is written by hand, with whatever bytes the name has."""
    operations = b'{"query": "mutation ($f: Upload!) { uploadImage(input: {file: $f}) { __typename ... on UploadImagePayload { image { url filename } } } }", "variables": {"f": null}}'
    head = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    encoded = name.encode("utf-8", "surrogatepass").replace(b"\r\n", b"%0D%0A")
    body = head % (b"operations", operations) + head % (b"map", b'{"0": ["variables.f"]}')
    body += b'--b\r\nContent-Disposition: form-data; name="0"; filename="%s"\r\n\r\n' % encoded
    body += pictures.jpeg(seed=54) + b"\r\n--b--\r\n"
    headers = {
        **person.headers,
        "Content-Type": "multipart/form-data; boundary=b",
        "GraphQL-Require-Preflight": "1",
    }
    async with person.http.post("/graphql", data=body, headers=headers) as response:
        answer = await response.json()
    assert response.status < 500
    return answer["data"]["uploadImage"]
