"""A call in a thread is waited for, whoever is cancelled meanwhile."""

from __future__ import annotations

import asyncio
import threading

import anyio
import pytest

from storage.threads import Threads


class SlowCall:
    """A blocking call that goes on when it is told to."""

    def __init__(self) -> None:
        self.begun, self.ended = asyncio.Event(), False
        self._loop, self._go_on = asyncio.get_running_loop(), threading.Event()

    def go_on(self) -> None:
        self._go_on.set()

    def __call__(self) -> None:
        self._loop.call_soon_threadsafe(self.begun.set)
        self._go_on.wait()
        self.ended = True


@pytest.fixture
async def call():
    return SlowCall()


async def test_a_caller_that_is_cancelled_waits_for_its_call(call):
    calling = asyncio.create_task(Threads(1).run(call))
    await call.begun.wait()
    calling.cancel()
    await asyncio.sleep(0)
    calling.cancel()
    asyncio.get_running_loop().call_soon(call.go_on)

    with pytest.raises(asyncio.CancelledError):
        await calling
    assert call.ended


async def test_a_scope_that_is_cancelled_waits_for_its_call(call):
    async with anyio.create_task_group() as group:
        group.start_soon(Threads(1).run, call)
        await call.begun.wait()
        group.cancel_scope.cancel()
        asyncio.get_running_loop().call_soon(call.go_on)

    assert call.ended


async def test_what_a_call_returns_or_raises_is_handed_on():
    threads = Threads(1)

    assert await threads.run(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await threads.run(divmod, 7, 0)


async def test_no_more_calls_run_at_once_than_there_are_threads(call):
    threads = Threads(1)
    first = asyncio.create_task(threads.run(call))
    second = asyncio.create_task(threads.run(lambda: call.ended))
    await call.begun.wait()
    asyncio.get_running_loop().call_soon(call.go_on)

    assert await second
    await first


async def test_a_generator_is_closed_when_nobody_wants_its_next_step():
    closed = []

    def steps():
        try:
            yield from (1, 2, 3)
        finally:
            closed.append(True)

    stepping = Threads(1).step_through(steps())
    assert await anext(stepping) == 1
    await stepping.aclose()

    assert closed
