"""A key of another's tells nothing and hinders nothing: keys are each viewer's own."""

from __future__ import annotations

import json

import pytest

from tests.hostile.rights import asking
from tests.hostile.rights.test_ids import ELSEWHERE, SLOTS
from tests.processing.fetch.origin import ok

TRIED = [name for name, place in ELSEWHERE.items() if place == "test_keys.py"]


def test_r5_every_key_is_tried():
    assert set(TRIED) == {name for name, slot in SLOTS.items() if slot.path[-1].endswith("Key")}


@pytest.mark.parametrize("name", TRIED)
async def test_r5_anothers_key_is_as_free_as_any(ground, ann, ben, name):
    ground.origin.answers["/key.jpg"] = ok(asking.SENT)
    theirs = json.loads((await used(ground, ben, name, "the key"))[1])
    with_the_same = await used(ground, ann, name, "the key")
    with_a_fresh = await used(ground, ann, name, "a fresh key")

    assert (
        "Error" not in theirs["data"]["it"]["__typename"]
        or name == "Mutation.createBatch.input.idempotencyKey"
    )
    assert named(with_the_same) == named(with_a_fresh)
    assert [trace for trace in await ground.traces(ben) if trace in with_the_same[1]] == []


async def used(ground, owner, name, key):
    slot = SLOTS[name]
    values = asking.variables(slot.field, slot.path, key)
    if "id" in values["input"]:
        values["input"]["id"] = owner.things["spare"]
    if "url" in values["input"]:
        values["input"]["url"] = ground.origin.url("/key.jpg", "127.0.0.1")
    return await asking.ask(owner.person, slot.field, values, depth=2)


def named(answer):
    status, body = answer
    return status, json.loads(body)["data"]["it"]["__typename"]
