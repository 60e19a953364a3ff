from __future__ import annotations

import asyncio
import socket

import pytest


async def until_nobody_is_connected(app):
    async with asyncio.timeout(10):
        while app._connections:  # noqa: ASYNC110 - the application has no event for it
            await asyncio.sleep(0)


async def test_nothing_is_left_after_a_hundred_dropped_connections(app, host, line):
    tasks_before = len(asyncio.all_tasks())
    for _ in range(100):
        async with line.talk() as client:
            await client.init()
            await client.subscribe("subscription { endless }")
            await client.hear()
            client.socket.transport.abort()
    await until_nobody_is_connected(app)
    assert host.closed.is_set()
    assert len(asyncio.all_tasks()) == tasks_before


async def test_a_client_that_leaves_politely_has_its_streams_closed(app, host, line):
    async with line.talk() as client:
        await client.init()
        await client.subscribe("subscription { endless }")
        await client.hear()
    await until_nobody_is_connected(app)
    assert host.closed.is_set()


async def test_at_shutdown_every_socket_is_closed_with_1001(app, host, line):
    async with line.talk() as first, line.talk() as second:
        await first.init()
        await first.subscribe("subscription { endless }")
        await first.hear()
        await app.close_all()
        assert host.closed.is_set()
        assert [await first.ended(), await second.ended()] == [(1001, "Going away")] * 2


@pytest.fixture
def narrow_socket(line):
    """Takes few bytes that nobody reads."""
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.connect(("127.0.0.1", line.port))
    return narrow


async def test_shutdown_waits_for_sources_that_take_leave_slowly(stage):
    left = asyncio.Event()

    async def slow_to_leave(_root, _info):
        try:
            yield {"endless": 0}
            await asyncio.Event().wait()
        finally:
            for _ in range(100):
                await asyncio.sleep(0)
            left.set()

    stage.schema.subscription_type.fields["endless"].subscribe = slow_to_leave
    async with stage.client() as client:
        await client.subscribe("subscription { endless }")
        await client.hear()
        await stage.app.close_all()
        assert left.is_set()


async def test_a_client_that_does_not_read_holds_up_itself_alone_and_is_let_go(host, line, narrow_socket):
    async with line.talk(sock=narrow_socket, max_queue=1, compression=None) as deaf, line.talk() as other:
        await deaf.init()
        await other.init()
        long_name = "x" * 50_000
        await deaf.subscribe(f"subscription {{ {long_name}: count(to: 1000000000) }}")
        await other.subscribe("{ hello }")
        assert (await other.hear())["payload"] == {"data": {"hello": "hello world"}}
        await asyncio.wait_for(host.closed.wait(), 10)
        deaf.socket.transport.abort()
