"""One answer, and the work done once, whatever comes at once and whoever dies when."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from beanie import PydanticObjectId

from errors import LeaseLostError
from models.idempotency import IdempotencyKey
from processing import cleanup
from processing.idempotency import IdempotencyKeys, Kept
from tests.processing import keyed_work
from tests.processing.keyed_work import end_lease, keyed, refuse, stored, times_done, waiting, work

pytestmark = pytest.mark.mongo
SOON = 20
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def keys(database):
    return IdempotencyKeys()


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("seed", range(15))
async def test_who_leaves_at_any_moment_leaves_the_key_free_or_the_answer_kept(keys, owner_id, seed, times):
    moments = random.Random(seed)
    first = asyncio.create_task(work(keys, keyed(owner_id), {"n": 1}))
    await asyncio.sleep(moments.uniform(0, 0.02))
    for _ in range(times):  # some who cancel do so again and again
        first.cancel()
        await asyncio.sleep(0)
    await asyncio.wait({first})
    await asyncio.gather(*cleanup._running)

    found = await stored(owner_id)
    if found is None:
        assert await times_done(owner_id) == 0
    else:
        assert (found.kept.answer, await times_done(owner_id)) == ({"n": 1}, 1)


@pytest.mark.parametrize("seed", range(8))
async def test_the_work_is_done_once_whoever_is_refused_dies_or_leaves(database, seed):
    chance, viewer_id = random.Random(seed), PydanticObjectId()
    processes = [IdempotencyKeys(), IdempotencyKeys()]

    async def one(n):
        await asyncio.sleep(chance.uniform(0, 0.05))
        fate = chance.choice(["work", "refused", "work", "leave"])
        if fate == "work":
            return await work(chance.choice(processes), keyed(viewer_id), {"n": n})
        async with asyncio.timeout(chance.uniform(0, 0.1) if fate == "leave" else None):
            async with chance.choice(processes).held(keyed(viewer_id)) as held:
                await asyncio.sleep(chance.uniform(0, 0.02))
                return held.answer if isinstance(held, Kept) else refuse()

    async def deaths():
        for _ in range(5):
            await asyncio.sleep(0.02)
            found = await stored(viewer_id)
            if found and not found.kept:
                await IdempotencyKey.get_pymongo_collection().update_one(
                    {"_id": found.id, "lease": found.lease}, {"$set": {"expires_at": datetime(2000, 1, 1, tzinfo=UTC)}}
                )  # fmt: skip

    async with asyncio.timeout(SOON):
        ended = await asyncio.gather(*(one(n) for n in range(20)), deaths(), return_exceptions=True)

    answers = {answer["n"] for answer in ended if isinstance(answer, dict)}
    unexpected = [e for e in ended if isinstance(e, Exception) and not isinstance(e, (LookupError, TimeoutError, LeaseLostError))]  # fmt: skip
    assert unexpected == []
    assert len(answers) == 1
    assert await times_done(viewer_id) == 1


def start(mongo_uri, database, viewer_id, *arguments):
    program = [sys.executable, "-m", keyed_work.__name__, mongo_uri, database.name, str(viewer_id)]
    return subprocess.Popen([*program, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)


async def test_three_processes_give_the_answer_of_one_of_them(mongo_uri, database, owner_id):
    running = [start(mongo_uri, database, owner_id, name) for name in "abc"]
    outputs = [(await asyncio.to_thread(process.communicate, timeout=60))[0] for process in running]

    assert len({answer for output in outputs for answer in output.split()}) == 1
    assert [len(output.split()) for output in outputs] == [5, 5, 5]
    assert await times_done(owner_id) == 1


async def test_the_key_of_a_killed_process_is_free_when_its_lease_has_ended(
    keys, mongo_uri, database, owner_id
):
    killed = start(mongo_uri, database, owner_id, "a", "ingest.claimed:kill")
    await asyncio.to_thread(killed.communicate, timeout=60)
    assert killed.returncode == -9
    assert (await stored(owner_id)).kept is None

    second = await waiting(keys, owner_id, {"n": 2})
    await end_lease(owner_id)

    assert await asyncio.wait_for(second, SOON) == {"n": 2}
