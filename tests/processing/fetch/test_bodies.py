"""Bodies that lie, drip or never end: bounded bytes, bounded time."""

from __future__ import annotations

import asyncio
import contextlib
import gzip

import pytest

from errors import FetchFailedError, FileTooLargeError
from processing.fetch import Fetcher, FetchLimits
from processing.fetch.target import parsed
from tests.processing.fetch.conftest import LIMITS, fetched
from tests.processing.fetch.origin import HOST, endless, ok, silent, status

BRIEF = FetchLimits(max_bytes=100_000, total_seconds=0.5, silence_seconds=0.2)


@pytest.fixture
def impatient(names, origin):
    return Fetcher(BRIEF, names, [(HOST, origin.port)])


async def test_a_file_comes_as_it_is(fetcher, origin):
    body = bytes(range(256)) * 390
    origin.answers = {"/a.jpg": ok(body)}

    assert await fetched(fetcher, origin.url()) == body


@pytest.mark.parametrize("headers", [(), ("Transfer-Encoding: chunked",)])
async def test_s8_an_endless_body_is_cut_off(fetcher, origin, headers):
    piece = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    origin.answers = {"/a.jpg": endless(*headers, piece=piece)}

    with pytest.raises(FileTooLargeError):
        await fetched(fetcher, origin.url())


async def test_s8_a_body_that_is_said_to_be_too_large_is_not_read(fetcher, origin):
    origin.answers = {"/a.jpg": status(200, "Content-Length: 10000000000")}

    with pytest.raises(FileTooLargeError) as refused:
        async with fetcher.open(parsed(origin.url())):
            raise AssertionError
    assert refused.value.limit_bytes == LIMITS.max_bytes


async def test_s8_a_body_that_drips_is_given_up(impatient, origin):
    origin.answers = {"/a.jpg": endless("Content-Length: 90000", piece=b"x", every_seconds=0.05)}

    with pytest.raises(FetchFailedError):
        await fetched(impatient, origin.url())


async def test_s8_headers_that_drip_are_given_up(impatient, origin):
    async def drip(writer):
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X: y\r\n")
            await writer.drain()
            await asyncio.sleep(0.05)

    origin.answers = {"/a.jpg": drip}

    with pytest.raises(FetchFailedError):
        await fetched(impatient, origin.url())


async def test_s8_a_server_that_says_nothing_is_given_up_long_before_the_whole_time_is_over(names, origin):
    async def begin(writer):
        writer.write(status(200, "Content-Length: 5"))
        await silent(writer)

    origin.answers = {"/silent": silent, "/a.jpg": begin}
    fetcher = Fetcher(
        FetchLimits(100, total_seconds=3_600, silence_seconds=0.1), names, [(HOST, origin.port)]
    )

    for path in origin.answers:
        async with asyncio.timeout(10):
            with pytest.raises(FetchFailedError):
                await fetched(fetcher, origin.url(path))


async def test_s8_a_name_server_that_says_nothing_is_given_up(origin):
    async def forever(_):
        await asyncio.Event().wait()

    with pytest.raises(FetchFailedError):
        await fetched(Fetcher(BRIEF, forever), "http://a.test/")


@pytest.mark.parametrize(
    "answer",
    [
        ok(b"bytes")[:-1],
        status(200, "Transfer-Encoding: chunked") + b"5\r\nbytes\r\n",
        status(200, "Transfer-Encoding: chunked") + b"zz\r\nbytes\r\n0\r\n\r\n",
        status(200, "Content-Length: -1"),
        status(200, "Content-Length: 5", "Content-Length: 6") + b"bytes",
        status(200, *["X: " + "y" * 1000] * 1000),
        status(200, "X: " + "y" * 20_000),
        status(200, "No header"),
        b"",
        b"bytes",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200",
        b"\0" * 1000,
    ],
)
async def test_s8_an_answer_that_is_cut_short_or_malformed_is_refused(fetcher, origin, answer):
    origin.answers = {"/a.jpg": answer}

    with pytest.raises(FetchFailedError):
        await fetched(fetcher, origin.url())


async def test_s8_nothing_is_read_behind_the_length_that_was_said(fetcher, origin):
    origin.answers = {"/a.jpg": status(200, "Content-Length: 5") + b"bytes and more"}

    with contextlib.suppress(FetchFailedError):  # as the client's parser sees what came along
        assert await fetched(fetcher, origin.url()) == b"bytes"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "GZIP", "gzip, identity", "nonsense"])
async def test_s8_a_compressed_body_is_refused_and_never_unpacked(fetcher, origin, encoding):
    origin.answers = {"/a.jpg": ok(gzip.compress(b"\0" * 10_000_000), f"Content-Encoding: {encoding}")}

    with pytest.raises(FetchFailedError):
        await fetched(fetcher, origin.url())


@pytest.mark.parametrize(
    "code", [100, 101, 103, 201, 204, 206, 304, 400, 401, 403, 404, 407, 418, 429, 500, 503]
)
async def test_s8_only_a_200_is_a_file(impatient, origin, code):
    origin.answers = {"/a.jpg": status(code, "Content-Length: 0")}

    with pytest.raises(FetchFailedError):
        await fetched(impatient, origin.url())


async def test_s8_the_connection_ends_with_the_block(fetcher, origin):
    origin.answers = {"/a.jpg": endless("Content-Length: 99999", piece=b"x")}

    async with fetcher.open(parsed(origin.url())) as found:
        await anext(found.pieces)
    async with asyncio.timeout(5):
        while origin.at_once:  # noqa: ASYNC110 - nothing else tells that the server noticed
            await asyncio.sleep(0.01)


async def test_s8_what_ends_the_block_ends_it_as_it_is(fetcher, origin):
    origin.answers = {"/a.jpg": ok(b"bytes")}

    with pytest.raises(TimeoutError):
        async with fetcher.open(parsed(origin.url())):
            raise TimeoutError
