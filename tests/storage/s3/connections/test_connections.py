"""Connections to S3: kept, used again, given up; whatever the server on the other side does with them."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager

import pytest

from storage.s3 import connections as module
from storage.s3.connection import READ_AHEAD_BYTES, BrokenError, Head
from storage.s3.connections import Connections
from tests import certificates

pytestmark = [
    pytest.mark.asyncio(loop_scope="function"),
    pytest.mark.timeout(method="thread"),  # no signal gets through to what uvloop runs
]

MIB, SOON = 2**20, 20
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nETag: x\r\n\r\nhi"
GET, PUT, POST, HEAD = (Head(method, "/a", {"host": "s3"}) for method in ("GET", "PUT", "POST", "HEAD"))


class Server:
    """Answers each request with the next of `answers`; an empty one closes the connection."""

    def __init__(self, *answers):
        self.answers, self.requests, self.writers = list(answers), [], []
        self.asked, self.ended = asyncio.Event(), asyncio.Event()

    @property
    def connections(self):
        return len(self.writers)

    async def serve(self, reader, writer):
        self.writers.append(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    (line[15:] for line in head.split(b"\r\n") if line.startswith(b"content-length")), 0
                )
                self.requests.append((head, await reader.readexactly(int(length))))
                self.asked.set()
                answer = self.answers.pop(0)
                if callable(answer):
                    await answer(reader, writer)
                elif not answer:
                    break
                else:
                    writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.ended.set()
            writer.close()


@asynccontextmanager
async def running(server, scheme="http", *, tls=None, **bounds):
    async with await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls) as listening:
        port = listening.sockets[0].getsockname()[1]
        bounds = {"limit": 8, "connect_seconds": 5, "silence_seconds": 5, **bounds}
        pool = Connections(scheme, f"localhost:{port}", **bounds)
        yield pool
        await pool.close()
        for writer in server.writers:
            writer.close()


async def ask(pool, head, body=()):
    with await pool.request(head, body) as response:
        return response.status, await response.read()


async def test_one_connection_serves_one_request_after_the_other():
    server = Server(WHOLE, WHOLE, WHOLE)
    async with running(server) as pool:
        for head in (GET, PUT, POST):
            assert await ask(pool, head, [b"by", memoryview(b"tes")] if head != GET else ()) == (200, b"hi")

    assert server.connections == 1
    assert [body for _, body in server.requests] == [b"", b"bytes", b"bytes"]


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n", b"hi!"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + WHOLE, b"hi"),
    ],
)
async def test_an_answer_has_an_end_however_it_is_told(answer, body):
    server = Server(answer, WHOLE)
    async with running(server) as pool:
        assert (await ask(pool, PUT))[1] == body
        assert await ask(pool, PUT) == (200, b"hi")

    assert server.connections == 1


async def test_an_answer_without_a_length_ends_with_the_connection():
    async def until_closed(_, writer):
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nhi")
        writer.close()

    async with running(Server(until_closed)) as pool:
        assert await ask(pool, GET) == (200, b"hi")


async def test_a_head_is_answered_with_a_length_and_no_body():
    server = Server(WHOLE[:-2], WHOLE)
    async with running(server) as pool:
        with await pool.request(HEAD) as response:
            assert response.headers == {"content-length": "2", "etag": "x"}
            assert await response.read() == b""
        assert await ask(pool, GET) == (200, b"hi")

    assert server.connections == 1


async def test_a_kept_connection_that_was_closed_meanwhile_is_replaced_unnoticed():
    server = Server(WHOLE, b"", WHOLE)
    async with running(server) as pool:
        await ask(pool, PUT, [b"one"])

        assert await ask(pool, PUT, [b"two"]) == (200, b"hi")

    assert [body for _, body in server.requests] == [b"one", b"two", b"two"]
    assert server.connections == 2


async def test_what_must_not_happen_twice_is_not_sent_twice():
    server = Server(WHOLE, b"", WHOLE)
    async with running(server) as pool:
        await ask(pool, POST)
        with pytest.raises(BrokenError):
            await ask(pool, POST)

    assert len(server.requests) == 2


async def test_a_new_connection_that_breaks_is_not_replaced():
    server = Server(b"", WHOLE)
    async with running(server) as pool:
        with pytest.raises(BrokenError):
            await ask(pool, GET)

    assert server.connections == 1


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", b"SSH-2.0-x\r\n"])
async def test_what_is_no_whole_answer_is_an_error(answer):
    async def half(_, writer):
        writer.write(answer)
        writer.close()

    async with running(Server(half)) as pool:
        with pytest.raises(BrokenError):
            await ask(pool, GET)


async def test_silence_is_borne_for_a_while():
    async def silent(reader, _):
        await reader.read()

    server = Server(silent, WHOLE)
    async with running(server, silence_seconds=0.05) as pool, asyncio.timeout(SOON):
        with pytest.raises(TimeoutError):
            await ask(pool, GET)
        await server.ended.wait()

        assert await ask(pool, GET) == (200, b"hi")


async def test_an_early_refusal_is_heard_and_the_rest_is_not_sent():
    class Refusing(Server):
        async def serve(self, reader, writer):
            self.writers.append(writer)
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    server = Refusing()
    async with running(server) as pool:
        assert await ask(pool, PUT, [bytes(MIB)] * 64) == (403, b"")
        assert await ask(pool, GET) == (403, b"")

    assert server.connections == 2


async def test_what_must_not_happen_twice_is_not_sent_where_the_end_is_known():
    async def answer_and_close(_, writer):
        writer.write(WHOLE)
        writer.close()

    server = Server(answer_and_close, WHOLE)
    async with running(server) as pool:
        with await pool.request(GET) as response:
            connection = response._connection
            await response.read()
        while not connection.transport.is_closing():  # noqa: ASYNC110 - nobody is told
            await asyncio.sleep(0.001)

        assert await ask(pool, POST) == (200, b"hi")


async def test_who_gives_up_costs_the_connection_and_nobody_else_anything():
    async def slow(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi")
        await reader.read()

    server = Server(slow, WHOLE)
    async with running(server, limit=1) as pool:
        asking = asyncio.create_task(ask(pool, GET))
        waiting = asyncio.create_task(ask(pool, GET))
        await server.asked.wait()
        asking.cancel()

        assert await waiting == (200, b"hi")
        await server.ended.wait()

    assert server.connections == 2


async def test_a_body_that_nobody_reads_is_not_taken_in():
    written = 0

    async def endless(_, writer):
        nonlocal written
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(bytes(MIB))
            written += MIB
            await writer.drain()

    server = Server(endless)
    async with running(server) as pool:
        with await pool.request(GET) as response:
            for _ in range(200):
                await asyncio.sleep(0.001)
            assert response._incoming.unread_bytes < READ_AHEAD_BYTES + MIB
            pieces = response.pieces()
            read = 0
            while read < 32 * MIB:
                read += len(await anext(pieces))
            await pieces.aclose()
        await server.ended.wait()


async def test_what_nobody_has_used_for_long_is_closed(monkeypatch):
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.05)
    server = Server(WHOLE, WHOLE)
    async with running(server) as pool:
        await ask(pool, GET)
        await server.ended.wait()

        assert await ask(pool, GET) == (200, b"hi")

    assert server.connections == 2


async def test_a_host_is_believed_by_its_certificate_and_a_large_body_arrives_whole(tmp_path, monkeypatch):
    certificate = certificates.self_signed("localhost", tmp_path / "certificate.pem")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    server, body = Server(WHOLE), [bytes([number]) * MIB for number in range(9)]

    async with running(server, "https", tls=tls) as pool:
        with pytest.raises(ssl.SSLCertVerificationError):
            await ask(pool, PUT, body)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with running(server, "https", tls=tls) as pool:
        assert await ask(pool, PUT, body) == (200, b"hi")

    assert server.requests[0][1] == b"".join(body)
