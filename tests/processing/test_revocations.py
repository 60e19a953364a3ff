"""A process knows who is signed out: at once what it did itself, soon what others did, by asking while it is deaf."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from beanie import PydanticObjectId

from models import transactions
from models.revocation import Revocation
from processing.revocations import Revocations

pytestmark = pytest.mark.mongo
SOON_SECONDS = 10
HOUR = timedelta(hours=1)


@pytest.fixture
async def revocations(database):
    followed = Revocations()
    followed.start()
    async with asyncio.timeout(SOON_SECONDS):
        while not followed._is_current:  # noqa: ASYNC110 - it has no event for it
            await asyncio.sleep(0)
    yield followed
    await followed.close()


@pytest.fixture
def session_id():
    return PydanticObjectId()


async def revoke(session_id):
    """As another process does."""
    ends = {session_id: datetime.now(UTC) + HOUR}
    return await transactions.run(lambda transaction: Revocation.add(ends, transaction))


def told(revocations, session_id):
    """An event that is set when the session ends."""
    heard = asyncio.Event()
    stop = revocations.watch(str(session_id), heard.set)
    return heard, stop


async def test_what_another_process_revoked_is_soon_known(revocations, session_id):
    heard, _ = told(revocations, session_id)
    assert not await revocations.ended(str(session_id))

    await revoke(session_id)

    await asyncio.wait_for(heard.wait(), SOON_SECONDS)
    assert await revocations.ended(str(session_id))
    assert revocations.has_ended(str(session_id))


async def test_what_this_process_applies_is_known_at_once(session_id):
    deaf = Revocations()
    heard, _ = told(deaf, session_id)

    deaf.apply([Revocation(id=session_id, expires_at=datetime.now(UTC) + HOUR)])

    assert heard.is_set()
    assert deaf.has_ended(str(session_id))


async def test_what_was_revoked_before_is_read_when_the_stream_opens(database, session_id):
    await revoke(session_id)
    late = Revocations()
    heard, _ = told(late, session_id)
    late.start()

    await asyncio.wait_for(heard.wait(), SOON_SECONDS)

    assert late.has_ended(str(session_id))
    await late.close()


async def test_a_process_that_hears_nothing_asks(database, session_id):
    deaf = Revocations()
    assert not await deaf.ended(str(session_id))

    await revoke(session_id)

    assert not deaf.has_ended(str(session_id))
    assert await deaf.ended(str(session_id))


async def test_a_lost_stream_means_asking_again_until_it_stands(revocations, session_id, monkeypatch):
    asked = []

    async def stands_for(asked_id):
        asked.append(asked_id)
        return False

    monkeypatch.setattr(Revocation, "stands_for", stands_for)
    await revocations.ended(str(session_id))
    assert asked == []

    revocations._follower._on_lost()
    await revocations.ended(str(session_id))

    assert asked == [session_id]


async def test_a_watch_of_what_has_ended_is_told_soon(session_id):
    deaf = Revocations()
    deaf.apply([Revocation(id=session_id, expires_at=datetime.now(UTC) + HOUR)])

    heard, _ = told(deaf, session_id)

    assert not heard.is_set()
    await asyncio.wait_for(heard.wait(), SOON_SECONDS)


async def test_an_ended_watch_is_told_nothing_and_leaves_nothing(session_id):
    deaf = Revocations()
    heard, stop = told(deaf, session_id)
    other, _ = told(deaf, session_id)

    stop()
    stop()
    deaf.apply([Revocation(id=session_id, expires_at=datetime.now(UTC) + HOUR)])

    assert (heard.is_set(), other.is_set()) == (False, True)


async def test_nothing_is_kept_for_watches_that_ended(session_id):
    deaf = Revocations()
    _, stop = told(deaf, session_id)

    stop()

    assert not deaf._watching


async def test_what_no_token_needs_any_more_is_forgotten(session_id):
    deaf = Revocations()
    deaf.apply([Revocation(id=session_id, expires_at=datetime.now(UTC) - HOUR)])
    deaf._forget_at = datetime.now(UTC)

    deaf.apply([Revocation(id=PydanticObjectId(), expires_at=datetime.now(UTC) + HOUR)])

    assert len(deaf._ended) == 1


async def test_mongodb_forgets_a_revocation_after_the_last_token_it_concerns(database, session_id):
    (revocation,) = await revoke(session_id)

    assert revocation.expires_at > datetime.now(UTC) + HOUR
    index = (await database.revocations.index_information())["expires_at_1"]
    assert index["expireAfterSeconds"] == 0
