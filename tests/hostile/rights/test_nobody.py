"""Without a token nothing is told and nothing done, by whichever field and transport."""

from __future__ import annotations

import json

import pytest

from tests.acceptance.streams import first
from tests.hostile import oracle
from tests.hostile.rights import asking

PUBLIC = {
    "Query.service",
    "Mutation.signUp",
    "Mutation.logIn",
    "Mutation.refreshSession",
    "Mutation.logOut",
}
"""What anybody may ask for: what the service can do, and who they are."""

CLOSED = [field for field in asking.root_fields() if field not in PUBLIC]


def test_r2_what_is_public_exists():
    assert set(asking.root_fields()) >= PUBLIC


@pytest.mark.parametrize("field", CLOSED)
async def test_r2_nobody_is_asked_to_sign_in(ground, nobody, field):
    await ground.settled()
    before = await counted(ground)
    for answer in await answers(nobody, field):
        codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
        assert codes == ["UNAUTHENTICATED"]
        assert (answer.get("data") or {"it": None}) == {"it": None}
        assert oracle.says_nothing_of_the_inside(json.dumps(answer))
    assert await counted(ground) == before


async def answers(client, field):
    """By request, by server-sent events and over a socket; files come by request alone."""
    query, values = asking.operation(field, depth=1, page=1), asking.variables(field)
    is_stream, has_file = field.startswith("Subscription."), "file" in json.dumps(values)
    asked = [] if is_stream else [json.loads((await asking.ask(client, field, values, depth=1, page=1))[1])]
    for way in () if has_file else ("socket", "POST"):
        asked += await first(client, way, 1, query, **values)
    return asked


async def counted(ground):
    names = sorted(await ground.kept.list_collection_names())
    return {
        name: await ground.kept[name].count_documents({})
        for name in names
        if name not in ("rates", "work", "workers")
    }
