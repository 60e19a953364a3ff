import asyncio
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from body import Body
from engine.multipart import PartReader
from errors import ClientGoneError, MalformedRequestError, PayloadTooLargeError
from tests.engine.wire import BOUNDARY, FORM, form, part


def reader(
    body: bytes, cuts: list[int] | None = None, *, limit_bytes: int = 1 << 30, gone: bool = False
) -> PartReader:
    """Reads `body` in pieces of the sizes `cuts`, the rest at once."""
    sizes = iter(cuts or [])
    left = body

    async def receive():
        nonlocal left
        await asyncio.sleep(0)  # as on a wire, others may run meanwhile
        if gone and not left:
            return {"type": "http.disconnect"}
        size = next(sizes, len(body))
        piece, left = left[:size], left[size:]
        return {"type": "http.request", "body": piece, "more_body": bool(left) or gone}

    arriving = Body(receive, {b"transfer-encoding": b"chunked"}, timeout_seconds=5)
    arriving.allow(limit_bytes)
    return PartReader(arriving, FORM.encode())


async def parts_of(
    body: bytes, cuts: list[int] | None = None, **options
) -> list[tuple[str, str | None, bytes]]:
    parts, found = reader(body, cuts, **options), []
    while (opened := await parts.next_part()) is not None:
        found.append((opened.name, opened.filename, await parts.text(1 << 20)))
    return found


contents = st.lists(
    st.sampled_from([b"\r", b"\n", b"-", b"X", b"b", b"\r\n--Xb", b"\r\n-", b"\r\n", b"q" * 50]), max_size=30
).map(b"".join).filter(lambda content: b"\r\n--" + BOUNDARY not in content + b"\r\n--Xb")  # fmt: skip
bodies = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.sampled_from([None, "a.jpg"]), contents), max_size=4
)


@given(bodies, st.lists(st.integers(1, 9), max_size=400))
def test_any_cut_of_a_body_gives_the_same_parts(wanted, cuts):
    body = form(*(part(name, content, filename) for name, filename, content in wanted))
    assert asyncio.run(parts_of(body, cuts)) == wanted


@given(bodies, st.data())
def test_a_body_that_stops_anywhere_is_malformed_or_empty(wanted, data):
    body = form(*(part(name, content, filename) for name, filename, content in wanted))
    end = data.draw(st.integers(0, len(body) - len("--\r\n")))
    with pytest.raises(MalformedRequestError):
        asyncio.run(parts_of(body[:end], [7] * 100))


@given(bodies, st.data())
def test_a_damaged_body_raises_nothing_unexpected(wanted, data):
    body = bytearray(form(*(part(name, content, filename) for name, filename, content in wanted)))
    for _ in range(data.draw(st.integers(1, 5))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    with suppress(MalformedRequestError):
        asyncio.run(parts_of(bytes(body)))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"garbage", b"--XbX", b"--XbX\r\n", b"--XbY--\r\n",
        form(b"--XbX\r\n\r\nx\r\n"), form(b"--XbX\r\nfoo: bar\r\n\r\nx\r\n"),
        form(b"--XbX\r\nContent-Disposition: form-data\r\n\r\nx\r\n"),
        form(b"--XbX junk\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n"),
        form(b"--XbX\r\nContent-Disposition: form-data; name=a\r\nX: " + b"x" * 9_000 + b"\r\n\r\nx\r\n"),
        b"--XbX\r\nX: " + b"x" * 1_000_000, form(part("a", b"x"))[:-6],
    ],
)  # fmt: skip
async def test_what_is_not_multipart_is_malformed(body):
    with pytest.raises(MalformedRequestError):
        await parts_of(body)


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data", "multipart/form-data; boundary=", 'multipart/form-data; boundary=""',
     "multipart/form-data; boundary=" + "x" * 71, "multipart/form-data; boundary=a b", "multipart/form-data; boundary"],
)  # fmt: skip
def test_a_boundary_must_be_given_and_short(content_type):
    with pytest.raises(MalformedRequestError):
        PartReader(Body(None, {}, timeout_seconds=1), content_type.encode())


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data; boundary=XbX", 'multipart/form-data; boundary="XbX"; charset=utf-7',
     "multipart/form-data;charset=utf-7;Boundary=XbX"],
)  # fmt: skip
async def test_a_boundary_is_found_and_a_charset_ignored(content_type):
    body = Body(None, {}, timeout_seconds=1)
    assert PartReader(body, content_type.encode())._delimiter == b"\r\n--XbX"


@pytest.mark.parametrize(
    ("parameters", "filename"),
    [
        ('filename="a.jpg"', "a.jpg"), ("filename=a.jpg", "a.jpg"), ('filename="a \\"b\\".jpg"', 'a "b".jpg'),
        ('filename="é🏃.jpg"', "é🏃.jpg"), ("filename*=UTF-8''%C3%A9.jpg", "é.jpg"),
        ("filename=\"e.jpg\"; filename*=UTF-8''%C3%A9.jpg", "é.jpg"), ("filename*=UTF-8''%ED%A0%80", "\ufffd" * 3),
        ('filename="a; name=b"', "a; name=b"), ('filename=""', ""), ('filename="../../x"', "../../x"),
    ],
)  # fmt: skip
async def test_a_filename_is_decoded(parameters, filename):
    head = f'--XbX\r\ncontent-disposition: form-data; name="f"; {parameters}\r\n\r\n'.encode()
    assert await parts_of(form(head + b"x\r\n")) == [("f", filename, b"x")]


async def test_a_filename_that_is_not_utf8_holds_no_surrogates():
    ((_, filename, _),) = await parts_of(form(part("f", b"x", "?").replace(b"?", b"\xff\xfe")))
    assert filename == "\ufffd\ufffd"


@pytest.mark.parametrize(
    ("media_type", "filename"),
    [
        ("application/octet-stream", ""),
        ("Application/Octet-Stream", ""),
        ("text/plain", None),
        ("application/json", None),
    ],
)
async def test_bytes_without_a_filename_are_a_file_if_they_are_said_to_be_bytes(media_type, filename):
    head = (
        b"--XbX\r\nContent-Type: "
        + media_type.encode()
        + b'\r\nContent-Disposition: form-data; name="f"\r\n\r\n'
    )

    assert await parts_of(form(head + b"x\r\n")) == [("f", filename, b"x")]


async def test_what_nobody_reads_is_skipped():
    parts = reader(form(part("a", b"x" * 100), part("b", b"y")), [9] * 30)
    await parts.next_part()
    assert (await parts.next_part()).name == "b"
    assert await parts.next_part() is None
    assert await parts.next_part() is None


async def test_pieces_are_views_of_what_arrived():
    parts = reader(form(part("a", b"x" * 1000)), [100] * 20)
    await parts.next_part()
    piece = await parts.piece()
    assert isinstance(piece, memoryview)
    assert 0 < len(piece) <= 100


async def test_more_bytes_than_allowed_end_the_reading():
    with pytest.raises(PayloadTooLargeError):
        await parts_of(form(part("a", b"x" * 1000)), [100] * 20, limit_bytes=500)


async def test_a_client_that_leaves_ends_the_reading():
    with pytest.raises(ClientGoneError):
        await parts_of(part("a", b"x" * 1000), gone=True)


async def test_what_stands_behind_the_last_boundary_is_ignored():
    assert await parts_of(form(part("a", b"x")) + b"epilogue" * 100) == [("a", None, b"x")]
