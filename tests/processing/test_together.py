"""What is asked at the same time is asked at once, and everybody has their own answer."""

from __future__ import annotations

import asyncio

import pytest

from processing.together import Together


class Oracle:
    """Doubles numbers; keeps what it was asked at once."""

    def __init__(self):
        self.asked, self.may_answer = [], asyncio.Event()

    async def __call__(self, numbers):
        self.asked.append(list(numbers))
        await self.may_answer.wait()
        if 13 in numbers:
            raise LookupError
        return [2 * number for number in numbers]


async def test_what_comes_while_a_question_is_under_way_is_asked_together():
    oracle = Oracle()
    together = Together(oracle)
    first = [asyncio.create_task(together.ask(number)) for number in (1, 2)]
    await asyncio.sleep(0.01)
    later = [asyncio.create_task(together.ask(number)) for number in (3, 4, 5)]
    await asyncio.sleep(0.01)

    oracle.may_answer.set()

    assert await asyncio.gather(*first, *later) == [2, 4, 6, 8, 10]
    assert oracle.asked == [[1, 2], [3, 4, 5]]


async def test_a_failure_is_told_to_all_who_asked_and_to_nobody_later():
    oracle = Oracle()
    oracle.may_answer.set()
    together = Together(oracle)

    told = await asyncio.gather(together.ask(13), together.ask(1), return_exceptions=True)

    assert [type(each) for each in told] == [LookupError, LookupError]
    assert await together.ask(1) == 2


async def test_who_leaves_takes_no_answer_from_the_others():
    oracle = Oracle()
    together = Together(oracle)
    leaving, staying = (asyncio.create_task(together.ask(number)) for number in (1, 2))
    await asyncio.sleep(0.01)
    leaving.cancel()
    oracle.may_answer.set()

    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert await staying == 4
