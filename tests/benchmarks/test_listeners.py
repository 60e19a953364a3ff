from __future__ import annotations

import pytest

from benchmarks.listeners import PING, SWITCHED, TEXT, Crowd, Listener
from benchmarks.load import UnexpectedAnswerError

UPGRADED = SWITCHED + b"Switching Protocols\r\n\r\n"


class Transport:
    """Keeps what is written."""

    def __init__(self):
        self.written = []

    def write(self, data):
        self.written.append(data)


def frame(opcode, payload):
    length = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + len(payload).to_bytes(2)
    return bytes([0x80 | opcode]) + length + payload


def message(text):
    return frame(TEXT, b'{"id":"1","type":"next","payload":"' + text + b'"}')


@pytest.fixture
async def crowd():
    return Crowd()


@pytest.fixture
async def listener(crowd):
    listener = Listener(crowd, "token")
    listener.connection_made(Transport())
    return listener


@pytest.mark.parametrize("piece_bytes", [1, 7, 200, 10_000])
async def test_every_message_is_counted_once_however_it_is_cut(crowd, listener, piece_bytes):
    sent = UPGRADED + message(b"short") + message(b"long" * 100) + frame(PING, b"") + message(b"last")

    crowd.expect(3)
    for begin in range(0, len(sent), piece_bytes):
        listener.data_received(sent[begin : begin + piece_bytes])

    assert await crowd.wait(0)
    assert crowd.heard == 3
    assert b"last" in crowd.last


async def test_a_ping_is_answered_with_what_it_carried(listener):
    listener.data_received(UPGRADED + frame(PING, b"are you there"))

    assert listener._transport.written[-1].endswith(b"are you there")


async def test_waiting_ends_without_the_messages_that_do_not_come(crowd, listener):
    crowd.expect(2)
    listener.data_received(UPGRADED + message(b"only"))

    assert not await crowd.wait(0)


@pytest.mark.parametrize("other", [frame(TEXT, b'{"id":"1","type":"error"}'), frame(0x8, b"")])
async def test_anything_but_a_message_fails_the_crowd(crowd, listener, other):
    crowd.expect(1)
    listener.data_received(UPGRADED + other)

    with pytest.raises(UnexpectedAnswerError):
        await crowd.wait(0)


async def test_a_server_that_refuses_the_socket_fails_the_crowd(crowd, listener):
    listener.data_received(b"HTTP/1.1 403 Forbidden\r\n\r\n")

    with pytest.raises(UnexpectedAnswerError, match="403"):
        await crowd.wait(0)
