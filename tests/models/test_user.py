"""What follows from a password holds only while it is the password."""

from __future__ import annotations

import asyncio
import secrets

import pytest

from models import transactions
from models.session import Session
from models.user import User

pytestmark = pytest.mark.mongo


@pytest.fixture
async def user(database):
    email = f"{secrets.token_hex(6)}@example.com"
    return await transactions.run(lambda transaction: User.add(email, "old hash", transaction))


def note_log_in(user):
    return lambda transaction: User.note_log_in(user, transaction)


def change_password(user, password_hash="new hash"):  # noqa: S107 - test data
    return lambda transaction: User.change_password(user, password_hash, transaction)


def remove(user):
    return lambda transaction: User.remove(user, transaction)


@pytest.mark.parametrize("consequence", [note_log_in, change_password, remove])
async def test_it_follows_from_the_password_that_matched(user, consequence):
    assert await transactions.run(consequence(user))


@pytest.mark.parametrize("consequence", [note_log_in, change_password, remove])
@pytest.mark.parametrize("meanwhile", [change_password, remove])
async def test_it_does_not_follow_when_the_password_is_another_by_then(user, consequence, meanwhile):
    await transactions.run(meanwhile(user))

    assert not await transactions.run(consequence(user))


@pytest.mark.parametrize("meanwhile", [change_password, remove])
async def test_a_log_in_that_has_begun_already_waits_for_the_outcome(user, meanwhile):
    begun, changed = asyncio.Event(), asyncio.Event()

    async def log_in(transaction):
        await Session.find_one(
            {"user_id": user.id}, session=transaction
        )  # what it sees is fixed from here on
        begun.set()
        await changed.wait()
        return await User.note_log_in(user, transaction)

    logging_in = asyncio.create_task(transactions.run(log_in))
    await begun.wait()
    await transactions.run(meanwhile(user))
    changed.set()

    assert not await logging_in
