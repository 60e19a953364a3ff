"""Whoever joins whom, and whenever: everyone hears what a source of their own would have said."""

from __future__ import annotations

import asyncio
import random

import pytest

from engine.documents import Operation
from engine.sharing import Fanout
from tests.engine import toy
from tests.engine.sharing.numbers import NUMBERS, Numbers


class Listener:
    """Writes down what it is told; its own source writes into `context` where it began."""

    behind = None

    def __init__(self):
        self.context = {}
        self.heard = []

    def tell(self, told):
        payloads = told.server_sent.decode().split("\n\n")[:-1]
        self.heard += [int(payload.rpartition(":")[2].rstrip("}")) for payload in payloads]


async def listening(fanout, after=None, principal=None):
    listener = Listener()
    stream = await fanout.start(Operation(NUMBERS, {"after": after}), principal, listener.context, "an-id")
    return listener, asyncio.create_task(stream.hear(listener))


async def settle():
    for _ in range(50):
        await asyncio.sleep(0)


async def leave(*tasks):
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
def numbers():
    return Numbers()


@pytest.fixture
def fanout(numbers):
    return Fanout(numbers.executor(), toy.ToyHost())


async def test_variables_too_deep_to_be_compared_share_nothing(fanout, numbers):
    tags = []
    for _ in range(300):
        tags = [tags]
    operation = Operation(NUMBERS, {"undeclared": tags})
    listeners = Listener(), Listener()
    streams = [await fanout.start(operation, None, each.context, "an-id") for each in listeners]
    tasks = [asyncio.create_task(stream.hear(each)) for stream, each in zip(streams, listeners, strict=True)]
    await settle()
    numbers.publish(1)
    await settle()

    assert [listener.heard for listener in listeners] == [[1], [1]]
    assert fanout.groups == len(listeners)
    await leave(*tasks)


async def test_those_who_ask_the_same_share_one_source_and_one_execution(fanout, numbers):
    listeners, tasks = zip(*[await listening(fanout) for _ in range(20)], strict=True)
    await settle()
    numbers.publish(3)
    await settle()

    assert [listener.heard for listener in listeners] == [[1, 2, 3]] * 20
    assert numbers.executed == {1: 1, 2: 1, 3: 1}
    assert (numbers.open, fanout.groups, fanout.executed, fanout.delivered) == (1, 1, 3, 60)
    await leave(*tasks)
    assert (numbers.open, fanout.groups) == (0, 0)


async def test_whoever_leaves_the_others_hear_on(fanout, numbers):
    listeners, tasks = zip(*[await listening(fanout) for _ in range(3)], strict=True)
    await settle()
    numbers.publish()
    await settle()
    await leave(tasks[0])
    numbers.publish()
    await settle()

    assert [listener.heard for listener in listeners] == [[1], [1, 2], [1, 2]]
    assert numbers.executed == {1: 1, 2: 1}
    await leave(*tasks[1:])


async def test_who_is_a_little_behind_is_told_what_was_missed(fanout, numbers):
    _, first = await listening(fanout, after=0)
    await settle()
    numbers.publish(5)
    await settle()
    late, second = await listening(fanout, after=0)
    await settle()

    assert late.heard == [1, 2, 3, 4, 5]
    assert max(numbers.executed.values()) == 1
    await leave(first, second)


async def test_who_is_far_behind_has_a_source_of_its_own_until_it_has_caught_up(fanout, numbers):
    _, first = await listening(fanout, after=0)
    await settle()
    numbers.publish(100)
    await settle()
    late, second = await listening(fanout, after=0)
    await settle()
    numbers.publish()
    await settle()

    assert late.heard == list(range(1, 102))
    assert numbers.executed[1] == 2
    assert (numbers.executed[101], numbers.open) == (1, 1)
    await leave(first, second)


async def test_what_was_said_long_ago_is_said_anew(fanout, numbers, monkeypatch):
    monkeypatch.setattr("engine.sharing.recent.MOST_SECONDS", 0)
    _, first = await listening(fanout, after=0)
    await settle()
    numbers.publish(2)
    await settle()
    late, second = await listening(fanout, after=0)
    await settle()

    assert late.heard == [1, 2]
    assert numbers.executed == {1: 2, 2: 2}
    await leave(first, second)


async def test_who_is_ahead_of_a_slow_source_hears_nothing_twice(fanout, numbers):
    gate = asyncio.Event()
    numbers.pause = gate.wait
    slow, first = await listening(fanout)
    await settle()
    numbers.publish(3)
    await settle()
    ahead, second = await listening(fanout)
    await settle()
    assert numbers.open == 1
    gate.set()
    numbers.publish()
    await settle()

    assert (slow.heard, ahead.heard) == ([1, 2, 3, 4], [4])
    await leave(first, second)


async def test_the_order_of_variables_makes_no_difference(fanout, numbers):
    document = "subscription ($a: Int, $b: String) { numbers(after: $a, tag: $b) }"
    tasks = []
    for given_variables in ({"a": 0, "b": "x"}, {"b": "x", "a": 0}):
        stream = await fanout.start(Operation(document, given_variables), None, {}, "an-id")
        tasks.append(asyncio.create_task(stream.hear(Listener())))
    await settle()

    assert numbers.open == 1
    await leave(*tasks)


@pytest.mark.parametrize("seed", range(20))
async def test_everyone_hears_a_run_without_holes_and_repeats(fanout, numbers, seed):
    chance = random.Random(seed)

    async def pause():
        for _ in range(chance.choice([0, 0, 0, 1, 5])):
            await asyncio.sleep(0)

    numbers.pause = pause
    begun, left = [], []
    for _ in range(60):
        doing = chance.random()
        if doing < 0.4:
            numbers.publish(chance.choice([1, 2, 40]))
        elif doing < 0.8:
            after = chance.choice([None, 0, 3, numbers.newest])
            begun.append(await listening(fanout, after))
        elif begun:
            left.append(begun.pop(chance.randrange(len(begun))))
            await leave(left[-1][1])
        for _ in range(chance.choice([0, 1, 2, 10])):
            await asyncio.sleep(0)
    await until_all_is_heard(numbers, begun)
    for listener, _ in begun + left:
        first = listener.context.get("place", 0) + 1
        assert listener.heard == list(range(first, first + len(listener.heard)))
    await leave(*(task for _, task in begun))
    assert numbers.open == fanout.groups == fanout.members == 0


async def until_all_is_heard(numbers, begun):
    await settle()  # all sources have begun
    numbers.publish()
    async with asyncio.timeout(60):
        while any(listener.heard[-1:] != [numbers.newest] for listener, _ in begun):  # noqa: ASYNC110 - nothing says so
            await asyncio.sleep(0)
