from __future__ import annotations

import asyncio
import itertools

import pytest

from benchmarks import askers
from benchmarks.load import UnexpectedAnswerError

QUESTION = b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
LONG = b"a" * 300_000


async def serve(body):
    """A server that answers everything so, in two pieces."""

    async def answer(reader, writer):
        while await reader.readline():
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body[:5])
            await asyncio.sleep(0)
            writer.write(body[5:])
        writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", 0)


async def ask(body, expected, **bounds):
    async with await serve(body) as server:
        port = server.sockets[0].getsockname()[1]
        return await askers.run(port, 3, itertools.repeat((QUESTION, expected)), **bounds)


@pytest.mark.parametrize("body", [b"short answer", LONG])
async def test_as_many_requests_are_answered_as_are_counted(body):
    assert (await ask(body, body, count=50)).count == 50


async def test_asking_ends_when_the_time_is_over():
    assert (await ask(b"short answer", b"short answer", seconds=0.05)).count > 0


async def test_an_answer_that_differs_ends_it():
    with pytest.raises(UnexpectedAnswerError, match="short answer"):
        await ask(b"short answer", b"short Answer", count=50)
