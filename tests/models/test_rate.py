"""A limit is a limit, however many count at once."""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta

import pytest

from errors import RateLimitedError
from models.rate import Limit, Rate

pytestmark = pytest.mark.mongo
LIMIT = Limit("toy", times=10, window_seconds=60)


@pytest.fixture
def subject(database):
    return secrets.token_hex(8)


async def counted(subject, how_often):
    """How many of so many at once are counted."""
    outcomes = await asyncio.gather(
        *(Rate.count_one(LIMIT, subject) for _ in range(how_often)), return_exceptions=True
    )
    assert all(isinstance(outcome, Rate | RateLimitedError) for outcome in outcomes), outcomes
    return sum(isinstance(outcome, Rate) for outcome in outcomes)


async def let_pass(subject, seconds):
    earlier = timedelta(seconds=seconds)
    for rate in await Rate.find().to_list():
        await rate.set({"ends_at": rate.ends_at - earlier, "counted_at": rate.counted_at - earlier})


async def test_of_many_at_once_no_more_than_the_limit_are_counted(subject):
    assert await counted(subject, 100) == 10
    assert await counted(subject, 1) == 0


async def test_subjects_and_limits_are_counted_apart(subject):
    await counted(subject, 10)

    assert await counted(subject + "'s neighbour", 3) == 3
    assert (await Rate.count_one(Limit("another", 10, 60), subject)).times == 1


async def test_a_refusal_says_how_long_the_window_lasts(subject):
    await counted(subject, 10)
    await let_pass(subject, 20)

    with pytest.raises(RateLimitedError) as refused:
        await Rate.count_one(LIMIT, subject)

    assert 1 <= refused.value.retry_after_seconds <= 40


async def test_after_its_window_a_counter_begins_anew(subject):
    await counted(subject, 20)
    await let_pass(subject, 61)

    assert await counted(subject, 20) == 10


async def test_refusals_do_not_lengthen_the_window(subject):
    first = await Rate.count_one(LIMIT, subject)
    await counted(subject, 20)

    await Rate.take_back(first)

    assert (await Rate.count_one(LIMIT, subject)).ends_at == first.ends_at


async def test_what_is_taken_back_may_be_counted_again(subject):
    rates = [await Rate.count_one(LIMIT, subject) for _ in range(10)]

    for rate in rates[:3]:
        await Rate.take_back(rate)

    assert await counted(subject, 10) == 3


async def test_what_was_counted_in_an_earlier_window_is_not_taken_from_this_one(subject):
    earlier = await Rate.count_one(LIMIT, subject)
    await let_pass(subject, 61)
    await counted(subject, 10)

    await Rate.take_back(earlier)

    assert await counted(subject, 1) == 0


async def test_a_reset_forgets_everything(subject):
    rate = await Rate.count_one(LIMIT, subject)
    await counted(subject, 10)

    await Rate.reset(rate)

    assert await counted(subject, 10) == 10


async def test_what_counts_for_more_than_one_is_counted_whole_or_not_at_all(subject):
    await Rate.count_up(LIMIT, subject, 6)

    with pytest.raises(RateLimitedError):
        await Rate.count_up(LIMIT, subject, 5)

    assert (await Rate.count_up(LIMIT, subject, 4)).times == 10


async def test_what_counted_for_more_than_one_is_taken_back_whole(subject):
    rate = await Rate.count_up(LIMIT, subject, 10)

    await Rate.take_back(rate, 10)

    assert await counted(subject, 11) == 10
