"""Many who need a count at once share one."""

from __future__ import annotations

import asyncio

import pytest

from models.allowance import Allowance
from models.tally import Tally
from processing.counting import Counter
from tests.processing.saver import Saver

pytestmark = pytest.mark.mongo
SOON = 10


@pytest.fixture
def saver(database):
    return Saver()


@pytest.fixture
def begun(monkeypatch):
    """A mark for each count that has begun; it goes on when `go_on` is set."""
    marks, count = [], Tally.stored_bytes_without

    async def slow(*arguments):
        marks.append(go_on := asyncio.Event())
        await go_on.wait()
        return await count(*arguments)

    monkeypatch.setattr(Tally, "stored_bytes_without", slow)
    return marks


async def until(number, begun):
    async with asyncio.timeout(SOON):
        while len(begun) < number:  # noqa: ASYNC110 - the mark itself is the event
            await asyncio.sleep(0)


async def test_who_asks_while_a_count_runs_is_answered_by_the_next_one(saver, begun):
    counter = Counter()
    first = asyncio.create_task(counter.count(saver.id))
    await until(1, begun)
    late = [asyncio.create_task(counter.count(saver.id)) for _ in range(20)]
    begun[0].set()
    await until(2, begun)
    assert not any(task.done() for task in late)
    begun[1].set()

    assert await asyncio.wait_for(asyncio.gather(first, *late), SOON) == [True] * 21
    assert (len(begun), counter._running) == (2, {})


async def test_who_leaves_does_not_end_the_count_of_the_others(saver, begun):
    counter = Counter()
    first, second = (asyncio.create_task(counter.count(saver.id)) for _ in range(2))
    await until(1, begun)
    first.cancel()
    begun[0].set()
    await until(2, begun)
    begun[1].set()

    assert await second
    assert first.cancelled()


async def test_a_count_that_fails_fails_for_those_who_share_it_and_not_for_the_next(saver, monkeypatch):
    async def fail(*_):
        raise ConnectionError

    counter = Counter()
    with monkeypatch.context() as patch:
        patch.setattr(Allowance, "of_owner", fail)
        failed = await asyncio.gather(*(counter.count(saver.id) for _ in range(3)), return_exceptions=True)

    assert {type(error) for error in failed} == {ConnectionError}
    assert await counter.count(saver.id)


async def test_owners_do_not_wait_for_each_other(saver, begun):
    counter, other = Counter(), Saver()
    tasks = [asyncio.create_task(counter.count(owner.id)) for owner in (saver, other)]

    await until(2, begun)

    for go_on in begun:
        go_on.set()
    assert await asyncio.gather(*tasks) == [True, True]
