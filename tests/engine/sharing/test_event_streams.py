"""Server-sent events share their subscriptions with each other, and with sockets."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import AsyncExitStack

from tests.engine import wire
from tests.engine.sharing.numbers import NUMBERS
from tests.engine.sharing.test_sockets import numbers_heard, sources_to_settle, subscribed


def subscribing():
    body = json.dumps({"query": NUMBERS}).encode()
    headers = {"content-type": "application/json", "accept": "text/event-stream"}
    return wire.head("POST", "/graphql", {**headers, "content-length": str(len(body))}) + body


async def heard_in(reader, last):
    content = await asyncio.wait_for(reader.readuntil(b'"numbers":%d}}\n\n' % last), 10)
    return [int(number) for number in re.findall(rb'"numbers":(\d+)', content)]


async def test_event_streams_and_sockets_hear_one_source(served):
    async with subscribed(served, 1) as (client,), AsyncExitStack() as stack:
        await sources_to_settle(served, 1)
        connect = wire.Wire(served.line.port).connection
        streams = [await stack.enter_async_context(connect()) for _ in range(3)]
        for _, writer in streams:
            writer.write(subscribing())
        await sources_to_settle(served, 4)
        served.numbers.publish(3)

        assert await numbers_heard(client, 3, "0") == [1, 2, 3]
        assert [await heard_in(reader, 3) for reader, _ in streams] == [[1, 2, 3]] * 3
        assert served.numbers.executed == {1: 1, 2: 1, 3: 1}
    await sources_to_settle(served, 0, 0)
