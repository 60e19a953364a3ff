"""A worker process: ends items, or is found holding one. `python worker.py MONGODB DATABASE BROKER PREFIX LEASE [hold]`."""

from __future__ import annotations

import asyncio
import sys

from pymongo import AsyncMongoClient

import models
from models.work import Topic
from processing.queue.kafka import Access, KafkaQueue, Topics


async def main(uri, database, server, prefix, lease_seconds, *hold):
    async with AsyncMongoClient(uri, tz_aware=True) as client:
        await models.prepare(client[database])
        queue = KafkaQueue(Access((server,)), Topics(prefix, 4), float(lease_seconds))
        while True:
            (leased,) = await queue.consume(Topic.UPLOADS, 1)
            print(leased.item.id, flush=True)  # noqa: T201 - for the test to read
            if hold:
                await asyncio.Event().wait()
            await queue.acknowledge(leased)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
