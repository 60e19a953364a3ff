from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from engine.sharing import eager
from engine.sharing.outlet import Outlet, OutletBounds, TooSlowError, UnheardError

BOUNDS = OutletBounds(send_timeout_seconds=5, max_waiting=3, max_waiting_bytes=100)


class Client:
    """Reads while its gate is open."""

    def __init__(self, bounds=BOUNDS):
        self.gate = asyncio.Event()
        self.read = []
        self.lost = []
        self.fault = None
        self.outlet = Outlet(self._put, bounds, self.lost.append)

    async def _put(self, _voice, item):
        await self.gate.wait()
        if self.fault:
            raise self.fault
        self.read.append(item)


@pytest.fixture
def voice():
    return SimpleNamespace(is_silent=False)


@pytest.fixture
async def client():
    made = Client()
    yield made
    await made.outlet.close()


async def caught_up(client):
    await asyncio.wait_for(asyncio.wait({client.outlet.behind}), 10)


async def test_who_reads_has_it_at_once(client, voice):
    client.gate.set()
    client.outlet.push(voice, "a")

    assert client.read == ["a"]
    assert client.outlet.behind is None


async def test_what_waits_goes_out_in_order(client, voice):
    sending = asyncio.create_task(client.outlet.send(voice, "a"))
    await asyncio.sleep(0)
    client.outlet.push(voice, "b")
    client.outlet.push(voice, "c")
    assert client.read == []
    client.gate.set()
    await caught_up(client)

    assert client.read == ["a", "b", "c"]
    assert sending.done()
    assert client.outlet.behind is None


async def test_what_a_silent_voice_has_left_waiting_does_not_go_out(client, voice):
    other = SimpleNamespace(is_silent=False)
    client.outlet.push(other, "a")
    client.outlet.push(voice, "b")
    client.outlet.push(other, "c")
    voice.is_silent = True
    client.gate.set()
    await caught_up(client)

    assert client.read == ["a", "c"]


@pytest.mark.parametrize("items", ["abcde", ["a", "b" * 101, "c"]], ids=["too many", "too large"])
async def test_who_leaves_too_much_waiting_is_lost_once(client, voice, items):
    for item in [*items, "z"]:
        client.outlet.push(voice, item)

    assert [type(fault) for fault in client.lost] == [TooSlowError]


async def test_who_does_not_read_for_too_long_is_lost(voice):
    client = Client(OutletBounds(send_timeout_seconds=0.01))
    with pytest.raises(UnheardError):
        await client.outlet.send(voice, "a")

    assert [type(fault) for fault in client.lost] == [TooSlowError]


@pytest.mark.parametrize("is_behind", [True, False])
async def test_a_line_that_breaks_says_why(client, voice, is_behind):
    client.fault = OSError()
    if not is_behind:
        client.gate.set()
    client.outlet.push(voice, "a")
    client.gate.set()
    if is_behind:
        await caught_up(client)

    assert client.lost == [client.fault]
    with pytest.raises(UnheardError):
        await client.outlet.send(voice, "b")


async def test_what_was_just_begun_can_be_closed(client, voice):
    client.outlet.push(voice, "a")
    await client.outlet.close()

    assert client.outlet.behind is None


async def test_closing_drops_what_waits(client, voice):
    turns = [asyncio.create_task(client.outlet.send(voice, item)) for item in "ab"]
    await asyncio.sleep(0)
    await client.outlet.close()
    client.gate.set()

    assert [type(turn) for turn in await asyncio.gather(*turns, return_exceptions=True)] == [UnheardError] * 2
    assert (client.read, client.lost) == ([], [])


async def test_work_that_was_begun_hears_of_its_cancellation():
    heard = []

    async def work():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            heard.append("cancelled")
            raise

    async def go_on(rest):
        await rest

    task = asyncio.create_task(go_on(eager.begun(work())))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task})

    assert task.cancelled()
    assert heard == ["cancelled"]
