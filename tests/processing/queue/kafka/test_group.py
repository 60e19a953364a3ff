"""Workers share a topic, and what a worker that dies had in hand is another's."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
from beanie import PydanticObjectId

from models.work import Topic, Work
from tests.processing.queue.kafka.conftest import LEASE_SECONDS, SOON, items

pytestmark = [pytest.mark.mongo, pytest.mark.kafka]

WORKER = Path(__file__).with_name("worker.py")
ROOT = Path(__file__).parents[4]


@pytest.fixture
async def worker(kafka, prefix, database, mongo_uri):
    """Starts real processes; they are killed in the end."""
    running = []

    async def start(*hold):
        arguments = [mongo_uri, database.name, kafka.server, prefix, str(LEASE_SECONDS), *hold]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, WORKER, *arguments),
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.PIPE,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def says(process):
    line = await asyncio.wait_for(process.stdout.readline(), SOON)
    return PydanticObjectId(line.decode().strip())


async def test_x12_two_workers_share_the_work_and_nothing_is_done_twice(queues):
    both, published = (queues(), queues()), items(60)
    ended = {queue: [] for queue in both}

    async def work(queue):
        while True:
            (leased,) = await queue.consume(Topic.UPLOADS, 1)
            await asyncio.sleep(0.02)
            assert await queue.acknowledge(leased)
            ended[queue].append(leased.item.id)

    workers = [asyncio.create_task(work(queue)) for queue in both for _ in range(2)]
    for one in published:
        await both[0].publish([one])
        await asyncio.sleep(0.05)
    async with asyncio.timeout(SOON):
        while sum(map(len, ended.values())) < len(published):  # noqa: ASYNC110 - the tasks beside it
            await asyncio.sleep(0.05)
    for each in workers:
        each.cancel()
    await asyncio.gather(*workers, return_exceptions=True)

    assert await Work.find({}).count() == 0
    assert sorted(id_ for ids in ended.values() for id_ in ids) == sorted(one.id for one in published)
    assert all(ended.values())


async def test_x5_what_a_killed_worker_had_in_hand_or_before_it_ends_exactly_once(worker, queues):
    published = items(30)
    victim = await worker("hold")
    queue = queues()
    await queue.publish(published)
    held = await says(victim)

    victim.kill()
    survivors = [await worker() for _ in range(2)]
    ended = await asyncio.gather(*(all_of(each) for each in survivors), until_all_is_done(survivors))

    assert sorted(ended[0] + ended[1]) == sorted(one.id for one in published)
    assert held in ended[0] + ended[1]


async def all_of(process):
    """What the process has said when it ends."""
    return [PydanticObjectId(line.decode().strip()) async for line in process.stdout]


async def until_all_is_done(processes):
    async with asyncio.timeout(2 * SOON):
        while await Work.find({}).count():  # noqa: ASYNC110 - other processes
            await asyncio.sleep(0.1)
    for process in processes:
        process.kill()
