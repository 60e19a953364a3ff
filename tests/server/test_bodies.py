"""A request's body reaches the application as it came, whole and in order, and without a copy."""

from __future__ import annotations

import asyncio

import pytest
import uvicorn
from uvicorn.server import ServerState

from server.http import HttpProtocol

HEAD = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"


class Wire(asyncio.Transport):
    """What is written to it is kept; nobody listens."""

    def __init__(self):
        super().__init__()
        self.written, self.paused = b"", False

    def write(self, data):
        self.written += data

    def pause_reading(self):
        self.paused = True

    def resume_reading(self):
        self.paused = False

    def is_closing(self):
        return False


@pytest.fixture
async def requests():
    """What the application is called with, one after the other."""
    return asyncio.Queue()


@pytest.fixture
async def protocol(requests):
    async def app(_, receive, send):
        requests.put_nowait((receive, send))
        await asyncio.Event().wait()

    config = uvicorn.Config(app, log_config=None)
    config.load()
    protocol = HttpProtocol(config, ServerState(), {})
    protocol.connection_made(Wire())
    yield protocol
    for task in protocol.tasks.copy():
        task.cancel()
    await asyncio.gather(*protocol.tasks, return_exceptions=True)


async def answer(send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def body(receive):
    pieces, more = [], True
    while more:
        message = await receive()
        pieces.append(message["body"])
        more = message["more_body"]
    return b"".join(pieces)


async def test_a_piece_is_the_one_that_came_out_of_the_parser(protocol, requests):
    protocol.data_received(HEAD % 9)
    receive, _ = await requests.get()
    piece = b"piece"

    protocol.on_body(piece)

    assert (await receive())["body"] is piece


async def test_pieces_that_nobody_has_fetched_yet_stay_in_order(protocol, requests):
    protocol.data_received(HEAD % 9 + b"one")
    receive, _ = await requests.get()
    protocol.data_received(b"two")
    assert (await receive())["body"] == b"onetwo"
    protocol.data_received(b"end")

    assert await receive() == {"type": "http.request", "body": b"end", "more_body": False}


async def test_nothing_more_is_read_while_much_is_waiting(protocol, requests):
    protocol.data_received(HEAD % 100_000)
    receive, _ = await requests.get()

    protocol.data_received(bytes(70_000))
    assert protocol.transport.paused
    await receive()

    protocol.data_received(bytes(30_000))
    await receive()
    assert not protocol.transport.paused


async def test_what_comes_behind_an_early_answer_is_not_kept(protocol, requests):
    protocol.data_received(HEAD % 10)
    _, send = await requests.get()
    await answer(send)

    protocol.data_received(b"unasked")

    assert not protocol.cycle.body


async def test_requests_on_one_connection_do_not_mix(protocol, requests):
    for sent in (b"first", b"second"):
        protocol.data_received(HEAD % len(sent) + sent)
        receive, send = await requests.get()
        assert await body(receive) == sent
        await answer(send)
