"""What a caller inside learns of a fetch that failed: whether to try again, and when."""

from __future__ import annotations

import asyncio
import socket
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from errors import FetchFailedError
from processing.fetch import Fetcher, FetchLimits
from processing.fetch.fault import Fault, answered
from processing.fetch.target import parsed
from tests.processing.fetch.conftest import fetched
from tests.processing.fetch.origin import HOST, ok, redirect, silent, status

LIMITS = FetchLimits(100, total_seconds=5, silence_seconds=0.1)


async def fault(fetcher, url):
    with pytest.raises(FetchFailedError) as failed:
        await fetched(fetcher, url)
    return Fault.of(failed.value)


async def hang_up(writer):
    writer.transport.abort()


async def half(writer):
    writer.write(status(200, "Content-Length: 10") + b"half")
    await writer.drain()


async def half_and_silence(writer):
    await half(writer)
    await silent(writer)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 451, 204, 304])
async def test_a_lasting_answer_is_told(fetcher, origin, code):
    origin.answers = {"/a.jpg": status(code, "Retry-After: 5", "Content-Length: 0")}

    assert await fault(fetcher, origin.url()) == Fault(code, False, 5.0)


@pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 504])
async def test_an_answer_that_may_change_is_told(fetcher, origin, code):
    origin.answers = {"/a.jpg": status(code, "Retry-After: 7", "Content-Length: 0")}

    assert await fault(fetcher, origin.url()) == Fault(code, True, 7.0)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, None), ("soon", None), ("", None), ("-1", None), ("0", 0.0), (" 12 ", 12.0)],
)
def test_what_a_server_asks_for_is_read(header, seconds):
    assert answered(503, header).retry_after_seconds == seconds


@pytest.mark.parametrize(("after_seconds", "least", "most"), [(60, 50, 60), (-60, 0, 0)])
def test_a_date_is_read_as_the_time_until_then(after_seconds, least, most):
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=after_seconds), usegmt=True)

    assert least <= answered(503, date).retry_after_seconds <= most


@pytest.mark.parametrize("script", [half, half_and_silence])
async def test_a_file_that_breaks_off_may_come_whole_the_next_time(names, origin, script):
    origin.answers = {"/a.jpg": script}

    assert await fault(Fetcher(LIMITS, names, [(HOST, origin.port)]), origin.url()) == Fault(200, True)


@pytest.mark.parametrize("script", [silent, hang_up])
async def test_silence_and_a_reset_may_pass(names, origin, script):
    origin.answers = {"/a.jpg": script}

    assert await fault(Fetcher(LIMITS, names, [(HOST, origin.port)]), origin.url()) == Fault(None, True)


async def test_a_closed_port_may_open(names, unused_tcp_port):
    fetcher = Fetcher(LIMITS, names, [(HOST, unused_tcp_port)])

    assert await fault(fetcher, f"http://{HOST}:{unused_tcp_port}/") == Fault(None, True)


async def test_an_unknown_name_and_a_forbidden_address_are_one_and_the_same(names, public_fetcher):
    names.addresses["inside.test"] = ["10.0.0.1"]

    told = [await fault(public_fetcher, f"http://{host}/") for host in ("inside.test", "unknown.test")]
    assert told == [Fault(None, False)] * 2


async def test_a_name_server_that_asks_to_come_again_is_asked_again():
    async def busy(_):
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    assert await fault(Fetcher(LIMITS, busy), "http://a.test/") == Fault(None, True)


async def test_nonsense_and_a_circle_stay_what_they_are(fetcher, origin):
    origin.answers = {"/nonsense": b"nonsense\r\n\r\n", "/circle": redirect("/circle")}

    assert await fault(fetcher, origin.url("/nonsense")) == Fault(None, False)
    assert await fault(fetcher, origin.url("/circle")) == Fault(None, False)


async def test_whoever_steps_aside_while_a_host_is_busy_loses_no_time_by_it(names, origin):
    limits = FetchLimits(100, per_host=1, total_seconds=0.2, silence_seconds=5)
    fetcher = Fetcher(limits, names, [(HOST, origin.port)])
    asides = []

    @contextmanager
    def aside():
        asides.append("out")
        yield
        asides.append("in")

    origin.answers = {"/silent": silent, "/a.jpg": ok(b"bytes")}
    busy = asyncio.create_task(fault(fetcher, origin.url("/silent")))
    while not origin.heads:  # noqa: ASYNC110 - nothing else tells that the host is busy
        await asyncio.sleep(0)

    async with fetcher.open(parsed(origin.url()), aside) as file:
        assert b"".join([bytes(piece) async for piece in file.pieces]) == b"bytes"
    assert asides == ["out", "in"]
    await busy
