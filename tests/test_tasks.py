"""What runs in the background ends when it is to."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

import tasks
from models import feed
from models.change import Change
from models.feed import Follower

SOON = 20


async def deaf_once() -> None:
    """Loses the first cancellation, as drivers do."""
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.Event().wait()
    await asyncio.Event().wait()


async def ends(closing) -> bool:
    done, late = await asyncio.wait({asyncio.ensure_future(closing)}, timeout=SOON)
    for task in late:
        task.cancel()
    return bool(done)


async def test_a_task_that_loses_a_cancellation_is_cancelled_again():
    task = asyncio.create_task(deaf_once())
    await asyncio.sleep(0)

    assert await ends(tasks.end(task, again_after_seconds=0.01))
    assert task.cancelled()


@pytest.mark.filterwarnings("error")
async def test_how_a_task_ended_is_of_no_interest():
    async def fails() -> None:
        raise OSError

    task = asyncio.create_task(fails())
    await tasks.end(task)
    assert task.done()


async def test_what_fails_waits_for_what_is_done_beside_it():
    ended = []

    async def fails() -> None:
        raise OSError("no room")

    async def takes_a_while() -> None:
        await asyncio.sleep(0)
        ended.append("the other")

    for both in tasks.both(fails(), takes_a_while()), tasks.both(takes_a_while(), fails()):
        with pytest.raises(OSError, match="no room"):
            await both
    assert ended == ["the other", "the other"]


async def test_a_cancellation_ends_both():
    first, second = (asyncio.create_task(asyncio.Event().wait()) for _ in range(2))
    waiting = asyncio.create_task(tasks.both(first, second))
    await asyncio.sleep(0)

    assert await ends(tasks.end(waiting))
    assert waiting.cancelled()
    assert first.cancelled()
    assert second.cancelled()


async def test_a_follower_is_closed_though_mongodb_lost_the_cancellation(monkeypatch):
    monkeypatch.setattr(feed, "settled", lambda _: deaf_once())
    follower = Follower(Change, on_insert=lambda _: None, on_open=lambda: None)
    follower.start()
    await asyncio.sleep(0)

    assert await ends(follower.close())
