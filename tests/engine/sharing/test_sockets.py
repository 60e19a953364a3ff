"""Sockets that share subscriptions, with a server that takes built frames and with one that does not."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket

import pytest

from tests.engine.sharing.numbers import NUMBERS

SOON = 60
LONG_NAME = "x" * 50_000
LARGE = f"subscription {{ {LONG_NAME}: numbers }}"


async def until(condition):
    async with asyncio.timeout(SOON):
        while not condition():  # noqa: ASYNC110 - nothing says so
            await asyncio.sleep(0.001)


async def sources_to_settle(served, members, sources=1):
    """Each member has begun a source of its own, and only so many of all sources are left."""
    await until(lambda: served.fanout.members == members and served.numbers.sources >= members)
    await until(lambda: served.numbers.open == sources)


async def numbers_heard(client, count, name="1"):
    heard = []
    while len(heard) < count:
        message = await client.hear()
        assert (message["type"], message["id"]) == ("next", name)
        heard += message["payload"]["data"].values()
    return heard


@contextlib.asynccontextmanager
async def subscribed(served, count, token=None, query=NUMBERS, **options):
    """Sockets, each of which has subscribed under an id of its own."""
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(served.line.talk(**options)) for _ in range(count)]
        for number, client in enumerate(clients):
            await client.init(token)
            await client.subscribe(query, str(number % 2))
        yield clients


async def test_an_event_is_executed_once_for_all_who_see_the_same(served):
    async with subscribed(served, 6) as clients:
        await sources_to_settle(served, 6)
        served.numbers.publish(3)

        heard = [await numbers_heard(client, 3, str(number % 2)) for number, client in enumerate(clients)]

    assert heard == [[1, 2, 3]] * 6
    assert served.numbers.executed == {1: 1, 2: 1, 3: 1}
    await sources_to_settle(served, 0, 0)


async def test_two_audiences_share_nothing(served):
    async with subscribed(served, 2, "Bearer ann") as anns, subscribed(served, 2, "Bearer ben") as bens:
        await sources_to_settle(served, 4, 2)
        served.numbers.publish()
        for clients in (anns, bens):
            for number, client in enumerate(clients):
                assert await numbers_heard(client, 1, str(number)) == [1]

    assert served.numbers.executed == {1: 2}


async def test_a_source_that_does_not_say_where_it_stands_is_not_shared(served):
    async with subscribed(served, 3, query="subscription { unplaced }") as clients:
        for number, client in enumerate(clients):
            await numbers_heard(client, 1, str(number % 2))

        assert (served.numbers.sources, served.fanout.groups) == (3, 3)


@pytest.mark.parametrize("leaving", ["complete", "close", "abort"])
async def test_the_others_hear_on_when_the_first_leaves(served, leaving):
    async with subscribed(served, 1) as (first,):
        await sources_to_settle(served, 1)
        async with subscribed(served, 2) as (second, third):
            await sources_to_settle(served, 3)
            if leaving == "complete":
                await first.say("complete", id="0")
            elif leaving == "close":
                await first.socket.close()
            else:
                first.socket.transport.abort()
            await sources_to_settle(served, 2)
            served.numbers.publish(2)

            assert await numbers_heard(second, 2, "0") == [1, 2]
            assert await numbers_heard(third, 2, "1") == [1, 2]


@pytest.mark.parametrize("leaving", ["complete", "abort"])
async def test_a_source_that_loses_a_cancellation_ends_with_the_last_who_hears_it(served, leaving):
    is_paused = asyncio.Event()

    async def loses_one():
        with contextlib.suppress(asyncio.CancelledError):
            is_paused.set()
            await asyncio.Event().wait()

    served.numbers.pause = loses_one
    async with subscribed(served, 1) as (client,):
        await sources_to_settle(served, 1)
        served.numbers.publish()
        await is_paused.wait()
        if leaving == "complete":
            await client.say("complete", id="0")
        else:
            client.socket.transport.abort()

        await sources_to_settle(served, 0, 0)


async def test_an_end_of_one_socket_is_no_end_of_another(served):
    async with subscribed(served, 2, "Bearer ann") as (first, second):
        await sources_to_settle(served, 2)
        _, revoke = served.host.watches[0]
        revoke()
        assert (await first.ended())[0] == 4403
        served.numbers.publish()

        assert await numbers_heard(second, 1, "1") == [1]


async def test_a_source_that_fails_fails_for_all_who_hear_it(served):
    async with subscribed(served, 3) as clients:
        await sources_to_settle(served, 3)
        served.numbers.publish()
        await until(lambda: served.fanout.delivered == 3)
        served.numbers.break_with(RuntimeError("secret"))
        for client in clients:
            event, error = await client.hear_all()
            assert event["type"] == "next"
            assert error["payload"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"


async def test_nothing_follows_an_unsubscription_and_its_id_is_free(served):
    async with subscribed(served, 2) as (client, other):
        await sources_to_settle(served, 2)
        served.numbers.publish(50)
        await numbers_heard(client, 1, "0")
        await client.say("complete", id="0")
        await client.subscribe("{ hello }", "query")
        while (message := await client.hear())["id"] == "0":
            pass
        assert message["payload"] == {"data": {"hello": "hello"}}
        await client.hear()
        served.numbers.publish(50)
        await client.subscribe("{ hello }", "0")

        assert [message["type"] for message in await client.hear_all()] == ["next", "complete"]
        assert await numbers_heard(other, 100, "1") == list(range(1, 101))


@pytest.fixture
def narrow_socket(served):
    """Takes few bytes that nobody reads."""
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.connect(("127.0.0.1", served.line.port))
    return narrow


async def test_who_does_not_read_is_let_go_and_delays_nobody(served, narrow_socket):
    deaf_options = {"sock": narrow_socket, "max_queue": 1, "compression": None}
    async with subscribed(served, 1, query=LARGE, **deaf_options) as (deaf,):
        async with subscribed(served, 1, query=LARGE) as (other,):
            await sources_to_settle(served, 2)
            for number in range(1, 400):
                served.numbers.publish()
                assert await numbers_heard(other, 1, "0") == [number]
                if served.fanout.dropped:
                    break
            assert served.fanout.dropped == 1

        code, _ = await deaf.ended()
        assert code == 4499


@pytest.mark.parametrize("seed", range(4))
async def test_slow_and_fast_and_late_ones_all_hear_a_run(served, seed):
    chance = random.Random(seed)

    async def listen():
        await asyncio.sleep(chance.random() / 5)
        async with served.line.talk() as client:
            await client.init()
            after = chance.choice([None, 0, 0, 100])
            await client.subscribe(NUMBERS, variables={"after": after})
            heard = []
            while not heard or heard[-1] < 300:
                heard += await numbers_heard(client, 1)
                await asyncio.sleep(chance.choice([0, 0, 0, 0.002]))
        first = heard[0] if after is None else after + 1
        assert heard == list(range(first, first + len(heard)))

    async def publish():
        while True:
            served.numbers.publish(chance.choice([1, 1, 3, 20]))
            await asyncio.sleep(chance.choice([0, 0, 0.005]))

    publishing = asyncio.create_task(publish())
    async with asyncio.timeout(60):
        await asyncio.gather(*(listen() for _ in range(12)))
    publishing.cancel()
