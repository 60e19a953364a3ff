"""What is kept of users: only what others may see, only those who were asked for last."""

from __future__ import annotations

import secrets

import pytest
from bson import ObjectId

from models.user import User
from resolvers.people import People

pytestmark = [pytest.mark.mongo, pytest.mark.usefixtures("database")]


async def kept(count: int = 1) -> list[User]:
    emails = [f"{secrets.token_hex(8)}@example.com" for _ in range(count)]
    return [await User(email=email, password_hash="a hash").insert() for email in emails]


async def test_users_are_read_once_and_kept():
    ann, ben = await kept(2)
    people = People()
    await people.by_ids([ann.id])
    await ann.delete()

    found = await people.by_ids([ann.id, ben.id, ObjectId()])

    assert {user_id: user.email for user_id, user in found.items()} == {
        ann.id: ann.email,
        ben.id: ben.email,
    }


async def test_what_signing_in_needs_is_not_kept():
    (ann,) = await kept()

    (shown,) = (await People().by_ids([ann.id])).values()

    assert (shown.created_at, shown.id) == (
        ann.created_at.replace(microsecond=shown.created_at.microsecond),
        ann.id,
    )
    with pytest.raises(AttributeError, match="password_hash"):
        _ = shown.password_hash


async def test_whoever_is_gone_is_forgotten():
    (ann,) = await kept()
    people = People()
    await people.by_ids([ann.id])
    await ann.delete()

    people.forget(ann.id)

    assert await people.by_ids([ann.id]) == {}


async def test_those_who_were_asked_for_last_are_kept():
    ann, ben = await kept(2)
    people = People(most=1)
    await people.by_ids([ann.id])
    await people.by_ids([ben.id])
    for user in (ann, ben):
        await user.delete()

    assert (await people.by_ids([ann.id, ben.id])).keys() == {ben.id}
