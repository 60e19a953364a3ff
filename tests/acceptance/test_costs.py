"""What an operation may cost is bounded, and told to whoever asks for it."""

from __future__ import annotations

import json

import pytest

from schema import costs

QUERY = "query ($n: Int) { gallery(first: $n) { nodes { id url } } }"
COST = {"nodes": 1 + 2 * 5, "pixels": 0, "limits": costs.LIMITS}
ASKING = {"query": QUERY, "variables": {"n": 5}, "extensions": {"cost": True}}
SETS = " ".join(f"a{n}: srcSet(widthsPx: {list(range(320, 340))})" for n in range(29))
TOO_MUCH = f"query ($n: Int) {{ gallery(first: $n) {{ nodes {{ {SETS} }} }} }}"


async def test_a_request_that_asks_for_its_cost_is_told(ann):
    async with ann.http.post("/graphql", json=ASKING, headers=ann.headers) as response:
        assert await response.json() == {"data": {"gallery": {"nodes": []}}, "extensions": {"cost": COST}}

    parameters = {"query": QUERY, "variables": '{"n": 5}', "extensions": json.dumps(ASKING["extensions"])}
    async with ann.http.get("/graphql", params=parameters, headers=ann.headers) as response:
        assert (await response.json())["extensions"] == {"cost": COST}


async def test_an_operation_on_a_socket_is_told_too(ann):
    async with ann.socket() as socket:
        await socket.send_json({"type": "subscribe", "id": "1", "payload": ASKING})
        assert (await socket.receive_json())["payload"]["extensions"] == {"cost": COST}


@pytest.mark.parametrize("extensions", [{}, {"cost": False}, {"cost": "yes"}, {"other": True}])
async def test_nobody_else_is(ann, extensions):
    body = {**ASKING, "extensions": extensions}
    async with ann.http.post("/graphql", json=body, headers=ann.headers) as response:
        assert (await response.json()).keys() == {"data"}


async def test_sixty_thousand_addresses_are_refused_with_the_figure_and_what_to_lower(ann):
    for _ in range(3):
        answer = await ann.execute(TOO_MUCH, n=100)
        (error,) = answer["errors"]
        assert "data" not in answer
        assert "58,101 nodes; 10,000 are the most" in error["message"]
        assert "`first` or `last` of `gallery`" in error["message"]
        assert error["extensions"]["code"] == "QUERY_TOO_COMPLEX"
        assert error["extensions"]["cost"]["nodes"] == 58_101
        assert (await ann.data(TOO_MUCH, n=10))["gallery"] == {"nodes": []}
