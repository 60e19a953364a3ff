"""A log-in is worth nothing when its password is another by the time it is found right."""

from __future__ import annotations

import secrets
from types import SimpleNamespace

import pytest

from auth import Tokens
from errors import InvalidCredentialsError
from models import transactions
from models.session import Session
from models.user import User
from resolvers import sessions
from resolvers.context import Context

pytestmark = pytest.mark.mongo


NOT_LIVE = SimpleNamespace(reached=None)


class SlowPasswords:
    """Finds every password right, after `meanwhile`."""

    def __init__(self, meanwhile):
        self._meanwhile = meanwhile

    async def matches(self, _password, _password_hash):
        await self._meanwhile()
        return True


@pytest.fixture
async def user(database):
    email = f"{secrets.token_hex(6)}@example.com"
    return await transactions.run(lambda transaction: User.add(email, "old hash", transaction))


async def nothing():
    pass


async def log_in(user, meanwhile):
    tokens = Tokens("s" * 32, access_ttl_seconds=60, refresh_ttl_seconds=600)
    services = SimpleNamespace(tokens=tokens, passwords=SlowPasswords(meanwhile), live=NOT_LIVE)
    return await sessions.log_in(Context(services, None, "192.0.2.1"), user.email, "password")


async def test_a_password_that_is_still_the_same_opens_a_session(user):
    opened = await log_in(user, nothing)

    assert opened.viewer.id == user.id
    assert await Session.find(Session.user_id == user.id).count() == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda user, transaction: User.change_password(user, "new hash", transaction),
        User.remove,
    ],
    ids=["changed", "deleted"],
)
async def test_a_password_that_has_gone_meanwhile_opens_none(user, change):
    with pytest.raises(InvalidCredentialsError):
        await log_in(user, lambda: transactions.run(lambda transaction: change(user, transaction)))

    assert await Session.find(Session.user_id == user.id).count() == 0
