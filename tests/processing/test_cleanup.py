"""What is begun at the end of a request is ended too."""

from __future__ import annotations

import asyncio

from processing import cleanup


async def test_cleanup_ends_though_its_caller_is_cancelled_again_and_again():
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work():
        begun.set()
        await go_on.wait()
        ended.set()

    caller = asyncio.create_task(cleanup.to_the_end(work(), "a test"))
    await begun.wait()
    for _ in range(3):
        caller.cancel()
        await asyncio.sleep(0)
    assert caller.cancelled()
    go_on.set()
    await asyncio.gather(*cleanup._running)

    assert ended.is_set()
    assert cleanup._running == set()


async def test_a_cleanup_that_fails_hides_nothing():
    async def work():
        raise LookupError

    await cleanup.to_the_end(work(), "a test")
