"""M1 to M14, F2, F3, F5 to F8: uploads that are none. Each is refused with 4xx, and nothing of it is kept."""

from __future__ import annotations

import asyncio
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests import pictures
from tests.client import Person
from tests.engine.malformed_forms import (
    FILE,
    MAPS_OF_WRONG_SHAPE,
    OPERATIONS_OF_WRONG_SHAPE,
    PATHS_TO_NOWHERE,
    damaged,
    operations,
    whole,
)
from tests.engine.wire import BOUNDARY, FORM, Wire, form, head, part, read_response, upload_form
from tests.hostile import oracle

pytestmark = pytest.mark.mongo

UPLOAD = "mutation ($file: Upload!) { uploadImage(input: {file: $file}) { __typename ... on UploadImagePayload { image { checksumSha256 } } } }"
OPERATIONS = operations(UPLOAD)
REFUSALS = {(400, "BAD_REQUEST"), (413, "PAYLOAD_TOO_LARGE")}
MIB = 2**20


class Sender:
    """Somebody who writes the bytes of their uploads by hand."""

    def __init__(self, service, person):
        self._wire = Wire(service.port)
        self.authorization = f"Bearer {person.token}"

    async def upload(self, body, **headers):
        response = await self._wire.upload(body, **{"authorization": self.authorization, **headers})
        return _fit(response)

    async def form(self, content_type, body):
        headers = {"authorization": self.authorization, "x_requested_with": "fetch"}
        return _fit(await self._wire.post(body, content_type, **headers))

    async def send(self, headers, body):
        named = {"content-type": FORM, "x-requested-with": "fetch", "authorization": self.authorization}
        return _fit(await self._wire.send(head("POST", "/graphql", {**named, **headers}) + body))


def _fit(response):
    assert response.status < 500
    assert oracle.says_nothing_of_the_inside(response.body.decode())
    return response


@pytest.fixture
def sender(guarded, mallory):
    return Sender(guarded, mallory)


async def refused(sender, body):
    response = await sender.upload(body)
    return (response.status, response.code) in REFUSALS


async def test_m1_operations_of_the_wrong_shape_are_refused(guarded, sender):
    async with oracle.unharmed(guarded):
        for name, each in OPERATIONS_OF_WRONG_SHAPE.items():
            assert await refused(sender, whole(each)), name


async def test_m2_maps_of_the_wrong_shape_are_refused(guarded, sender):
    async with oracle.unharmed(guarded):
        for name, each in MAPS_OF_WRONG_SHAPE.items():
            assert await refused(sender, whole(OPERATIONS, each)), name


async def test_m3_paths_that_lead_to_no_null_in_the_variables_are_refused(guarded, sender):
    variables = {"file": None, "text": "x", "list": [None], "object": {"x": 1}, "number": 1}
    async with oracle.unharmed(guarded):
        for path in PATHS_TO_NOWHERE:
            assert await refused(
                sender, upload_form(UPLOAD, variables, {"f": ["variables.file", path]}, FILE)
            ), path


async def test_m4_bodies_with_missing_misplaced_or_broken_parts_are_refused(guarded, sender):
    async with oracle.unharmed(guarded):
        for name, body in damaged(OPERATIONS).items():
            assert await refused(sender, body), name


@pytest.mark.parametrize(
    "boundary", ["", "wrong", "x" * 10_000, '"', "\x7f", "XbX; boundary=XbY", "=?utf-7?XbX?="]
)
async def test_m5_boundaries_that_are_not_the_bodys_are_refused(sender, boundary):
    response = await sender.form(f"multipart/form-data; boundary={boundary}", whole(OPERATIONS))

    assert response.status == (200 if boundary.startswith("XbX;") else 400)


async def test_m6_other_forms_and_charsets_are_not_read(sender):
    body = whole(OPERATIONS)
    for content_type, status in (
        ("multipart/form-data", 400),
        ("multipart/mixed; boundary=XbX", 415),
        ("multipart/related; boundary=XbX", 415),
    ):
        assert (await sender.form(content_type, body)).status == status
    utf7 = await sender.form("multipart/form-data; charset=utf-7; boundary=XbX", whole(b"+AHs-+AH0-"))
    assert utf7.status == 400


FRAMINGS = {
    "negative": {"content-length": "-1"}, "huge": {"content-length": "1e18"}, "a huge number": {"content-length": str(10**18)},
    "above the limit": {"content-length": str(2**31)}, "with chunks": {"content-length": "5", "transfer-encoding": "chunked"},
    "a bad chunk": {"transfer-encoding": "chunked"}, "two lengths": {"content-length": "5, 6"},
}  # fmt: skip


async def test_m7_lengths_that_are_none_are_refused(guarded, sender):
    async with oracle.unharmed(guarded):
        for name, headers in FRAMINGS.items():
            response = await sender.send(headers, b"zz\r\nx\r\n")
            assert response.status in {400, 413}, name


async def test_m7_a_length_that_is_too_small_or_too_large_is_refused(guarded, sender):
    body = whole(OPERATIONS)
    async with oracle.unharmed(guarded):
        assert (await sender.send({"content-length": str(len(body) - 30)}, body)).status == 400
        late = await sender.send(
            {"content-length": str(len(body) + 30)}, body.removesuffix(b"--\r\n") + b"\r\n"
        )
        assert (late.status, late.code) == (408, "REQUEST_TIMEOUT")


@pytest.mark.parametrize("count", [21, 2_000])
async def test_m8_more_files_than_are_taken_are_413(guarded, sender, count):
    files = [part(f"f{number}", b"x", "a.jpg") for number in range(count)]
    mapping = {f"f{number}": ["variables.file"] for number in range(count)}
    async with oracle.unharmed(guarded):
        response = await sender.upload(upload_form(UPLOAD, {"file": None}, mapping, *files))

    assert (response.status, response.code) == (413, "PAYLOAD_TOO_LARGE")


async def test_m9_parts_that_nobody_asked_for_are_read_past_and_not_kept(guarded, sender):
    photo = pictures.jpeg(seed=920)
    parts = [part(f"p{number}", b"x" * 100, "a.jpg") for number in range(10_000)]
    async with oracle.unharmed(guarded):
        response = await sender.upload(
            whole(OPERATIONS, b'{"f": ["variables.file"]}', *parts, part("f", photo, "a.jpg"), *parts)
        )

    image = {"checksumSha256": hashlib.sha256(photo).hexdigest()}
    assert response.json() == {"data": {"uploadImage": {"__typename": "UploadImagePayload", "image": image}}}


@pytest.mark.parametrize(
    "body", [whole(b" " * 8 * MIB), whole(OPERATIONS, b" " * 8 * MIB)], ids=["operations", "map"]
)
async def test_m10_fields_of_8_megabytes_are_413(guarded, sender, body):
    async with oracle.unharmed(guarded):
        response = await sender.upload(body)

    assert (response.status, response.code) == (413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize("framing", ["a length", "chunks"])
async def test_m11_a_file_of_64_megabytes_is_answered_and_not_kept(guarded, sender, framing):
    body = whole(
        OPERATIONS,
        b'{"f": ["variables.file"]}',
        part("f", pictures.jpeg(seed=921) + bytes(64 * MIB), "a.jpg"),
    )
    chunk = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    async with oracle.unharmed(guarded):
        if framing == "chunks":
            response = await sender.send({"transfer-encoding": "chunked"}, chunk)
        else:
            response = await sender.upload(body)

    assert response.status == 200
    assert response.json()["data"]["uploadImage"]["__typename"] in ("FileTooLargeError", "QuotaExceededError")


async def test_m12_one_file_for_two_variables_is_whole_in_both(sender):
    photo = pictures.jpeg(seed=922)
    checksum = hashlib.sha256(photo).hexdigest()
    query = "mutation ($a: Upload!, $b: Upload!) { a: uploadImage(input: {file: $a}) { ...I } b: uploadImage(input: {file: $b}) { ...I } } fragment I on UploadImagePayload { image { checksumSha256 } }"
    body = upload_form(
        query, {"a": None, "b": None}, {"f": ["variables.a", "variables.b"]}, part("f", photo, "a.jpg")
    )

    response = await sender.upload(body)

    assert response.json() == {"data": {key: {"image": {"checksumSha256": checksum}} for key in "ab"}}


@pytest.mark.parametrize("count", [21, 10_000])
async def test_m12_many_paths_to_one_file_are_400(sender, count):
    mapping = {"f": [f"variables.files.{number}" for number in range(count)]}
    response = await sender.upload(upload_form(UPLOAD, {"files": [None] * count}, mapping, FILE))

    assert (response.status, response.code) in REFUSALS


async def test_m13_a_body_that_comes_too_slowly_is_408(guarded, sender):
    """A byte at a time is never silent for long, and no faster than that."""
    async with oracle.unharmed(guarded):
        reader, writer = await asyncio.open_connection("127.0.0.1", guarded.port)
        fields = {"content-type": FORM, "x-requested-with": "fetch", "authorization": sender.authorization}
        writer.write(head("POST", "/graphql", {**fields, "content-length": "1000000"}))
        answering = asyncio.create_task(read_response(reader))
        for byte in whole(OPERATIONS)[:150]:
            writer.write(bytes([byte]))
            if (await asyncio.wait({answering}, timeout=0.1))[0]:
                break
        assert answering.done()
        response = await answering
        writer.close()

    assert (response.status, response.code) == (408, "REQUEST_TIMEOUT")


async def test_m14_who_is_nobody_is_refused_before_the_body(guarded):
    anonymous = Wire(guarded.port)
    for authorization in ("", "Bearer x"):
        headers = {"content-type": FORM, "x-requested-with": "fetch", "content-length": "1000000"}
        named = {**headers, "authorization": authorization} if authorization else headers
        response = await anonymous.send(head("POST", "/graphql", named))
        assert (response.status, response.code) == (401, "UNAUTHENTICATED")


async def test_m17_of_uploads_at_once_as_many_are_taken_as_the_quota_has_room_for(guarded):
    """A padded megabyte each, where there is room for four."""
    async with oracle.unharmed(guarded), Person.signed_up(guarded.url) as person:
        files = (pictures.jpeg(seed=950 + number).ljust(990_000, b"x") for number in range(8))
        answers = await asyncio.gather(*map(person.upload, files))
        used = (await person.data("{ viewer { usage { imageCount storedBytes } } }"))["viewer"]["usage"]

    assert (
        sorted(answer["__typename"] for answer in answers)
        == ["QuotaExceededError"] * 4 + ["UploadImagePayload"] * 4
    )
    assert used == {"imageCount": 4, "storedBytes": 4 * 990_000}


PIECES = [
    b"--" + BOUNDARY, b"--" + BOUNDARY + b"--", b"\r\n", b"\r\n\r\n", b"--", b'Content-Disposition: form-data; name="operations"', OPERATIONS,
    b'Content-Disposition: form-data; name="map"', b'{"f": ["variables.file"]}', b'Content-Disposition: form-data; name="f"; filename="a"',
    b"Content-Type: image/jpeg", b"\x00", b"\xff\xd8\xff", b'name=""', b"filename*=utf-8''%00", b"Content-Transfer-Encoding: base64", b"\r", b"\n",
]  # fmt: skip


@given(pieces=some.lists(some.one_of(some.sampled_from(PIECES), some.binary(max_size=20)), max_size=30))
def test_m15_whatever_is_sent_as_a_form_is_no_fault_of_ours(guarded, mallory, pieces):
    sender = Sender(guarded, mallory)

    response = asyncio.run(sender.upload(b"".join(pieces)))

    assert response.status in {200, 400, 413}
    assert set(json.loads(response.body)) <= {"data", "errors"}


@given(
    cut=some.integers(min_value=0, max_value=400),
    put=some.binary(max_size=8),
    drop=some.integers(min_value=0, max_value=8),
)
def test_m15_whatever_a_form_is_damaged_by_is_no_fault_of_ours(guarded, mallory, cut, put, drop):
    body = whole(OPERATIONS)
    at = cut % len(body)

    response = asyncio.run(Sender(guarded, mallory).upload(body[:at] + put + body[at + drop :]))

    assert response.status in {200, 400, 413}


async def test_f7_what_is_no_file_tells_nothing_of_the_inside(sender, mallory):
    for mapped in ("query", "operationName", "variables"):
        response = await sender.upload(upload_form(UPLOAD, {"file": None}, {"f": [mapped]}, FILE))
        assert (response.status, response.code) == (400, "BAD_REQUEST")
    response = await sender.upload(form(part("operations", OPERATIONS), part("map", b"{}")))
    assert (response.status, response.code) == (200, "BAD_USER_INPUT")
