"""Lists, counts, cursors and whatever hangs on what one owns: nobody else's things are among them."""

from __future__ import annotations

import json
from contextlib import aclosing

import pytest
from graphql import get_named_type, is_leaf_type

from tests import pictures
from tests.acceptance.streams import TRANSPORTS, subscribed
from tests.hostile.rights import asking
from tests.hostile.rights.test_ids import ELSEWHERE, KINDS, OPENS, SLOTS

QUERIES = [field for field in asking.root_fields() if field.startswith("Query.") and field != "Query.service"]
HOPS = [
    f"{kind.name}.{name}"
    for kind in asking.SCHEMA.get_possible_types(asking.SCHEMA.type_map["Node"])
    for name, field in kind.fields.items()
    if not is_leaf_type(get_named_type(field.type))
]
"""Every step from a thing that has an id to something else: one after the other they reach all there is."""

HOP = "query ($id: ID!) { node(id: $id) { ... on %s { id %s } } }"
NESTED = """
query ($id: ID!, $products: String, $items: String) { it: batch(id: $id) {
  products(after: $products) { totalCount nodes { id } } items(after: $items) { totalCount nodes { id } }
} }
"""
CHANGES = asking.operation("Subscription.galleryChanges", depth=1)


def own(owner, field):
    """The required arguments of a field, with an id of the owner's own."""
    opened = next(
        (OPENS[name] for name, slot in SLOTS.items() if slot.field == field and name in OPENS), None
    )
    slot = next((slot for slot in SLOTS.values() if slot.field == field and str(slot) in OPENS), None)
    return asking.variables(field, slot.path, owner.things[opened]) if slot else asking.variables(field)


async def told(owner, field, values, **how):
    status, body = await asking.ask(owner.person, field, values, **how)
    assert status == 200, body
    assert "errors" not in json.loads(body), body
    return body


@pytest.mark.parametrize("field", QUERIES)
async def test_r3_a_list_has_nothing_of_anothers(ground, ann, ben, field):
    """Also where nothing narrows it down to what is one's own."""
    for values in (asking.variables(field), own(ann, field)):
        body = await told(ann, field, values, depth=1, page=2)

        assert [trace for trace in await ground.traces(ben) if trace in body] == []


@pytest.mark.parametrize("hop", HOPS)
async def test_r3_nothing_of_anothers_hangs_on_what_one_owns(ground, ann, ben, hop):
    kind, _, name = hop.partition(".")
    thing = next(thing for thing, each in KINDS.items() if each == kind)
    field = asking.SCHEMA.type_map[kind].fields[name]
    given = "(first: 2)" if "first" in field.args else ""
    chosen = asking.selection(field.type, 0 if hop == "Product.items" else 1, 2)

    answer = await ann.person.execute(HOP % (kind, f"{name}{given} {chosen}"), id=ann.things[thing])

    assert "errors" not in answer, answer
    assert [trace for trace in await ground.traces(ben) if trace in json.dumps(answer)] == []


async def test_r3_counts_and_usage_are_of_ones_own_alone(ann, ben):
    query = (
        "{ gallery { totalCount } trash: gallery(filter: {trashed: true}) { totalCount } products { totalCount } "
        "batches { totalCount } viewer { usage { imageCount } } }"
    )
    before = await ann.person.data(query)

    await ben.person.upload(pictures.jpeg(seed=920))

    assert await ann.person.data(query) == before


@pytest.mark.parametrize(
    "name", [name for name in ELSEWHERE if name.startswith("Query.") and name.endswith(("after", "before"))]
)
async def test_r4_anothers_cursor_leads_into_ones_own_list(ground, ann, ben, name):
    slot = SLOTS[name]

    body = await told(
        ann, slot.field, asking.variables(slot.field, slot.path, ben.cursors[name]), depth=1, page=1
    )

    assert [trace for trace in await ground.traces(ben) if trace in body] == []


async def test_r4_anothers_cursors_inside_ones_own_batch_lead_into_that(ground, ann, ben):
    cursors = {"products": ben.cursors["Batch.products.after"], "items": ben.cursors["Batch.items.after"]}

    answer = await ann.person.execute(NESTED, id=ann.things["batch"], **cursors)

    assert [trace for trace in await ground.traces(ben) if trace in json.dumps(answer)] == []


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_r4_anothers_cursor_tells_of_ones_own_changes(ground, ann, ben, transport):
    after = ben.cursors["Subscription.galleryChanges.after"]
    await ben.person.upload(pictures.jpeg(seed=TRANSPORTS.index(transport) + 925))
    async with subscribed(ann.person, transport, CHANGES, after=after) as payloads, aclosing(payloads):
        await ben.person.upload(pictures.jpeg(seed=TRANSPORTS.index(transport) + 930))
        mine = (await ann.person.upload(pictures.jpeg(seed=TRANSPORTS.index(transport) + 940)))["image"]["id"]
        told = []
        async for payload in payloads:
            told.append(payload)
            if payload["data"]["it"]["imageId"] == mine:
                break

    assert [trace for trace in await ground.traces(ben) if trace in json.dumps(told)] == []


def test_r4_every_cursor_is_tried():
    tried = {name for name, place in ELSEWHERE.items() if place == "test_lists.py"}

    assert tried == {str(slot) for slot in SLOTS.values() if slot.path[-1].endswith(asking.CURSORS)}
