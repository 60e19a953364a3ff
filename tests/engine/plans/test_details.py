"""What generated documents seldom come upon: what runs once, in which order, and what can be read only once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema

from engine.documents import Operation
from tests.engine.plans.comparing import Modes, Outcome

SDL = """
type Query { things: [Thing]  ripe: Int }
type Thing { late: Int  lateN: Int!  gen: [Int]  marked(words: [String!]!): String  thing: Thing }
type Mutation { first: Int  second: Thing  third: [Int!]!  fourth: Int! }
"""


class Context:
    def __init__(self) -> None:
        self.log: list[str] = []


def schema(**resolvers: Callable[..., Any]) -> GraphQLSchema:
    built = build_schema(SDL)
    fields = {
        name: wanted
        for kind in ("Query", "Mutation", "Thing")
        for name, wanted in built.type_map[kind].fields.items()
    }
    for name, resolve in resolvers.items():
        fields[name].resolve = resolve
    return built


async def compared(text: str, **resolvers: Callable[..., Any]) -> Outcome:
    return await Modes(schema(**resolvers)).compare(Operation(text), Context)


def logged(name: str, value: Any = None, *, fault: Exception | None = None) -> Callable[..., Any]:
    """A resolver that takes two turns of the loop and says when it began and ended."""

    async def resolve(_source: Any, info: Any) -> Any:
        info.context.log.append(f"{name} begins")
        for _ in range(2):
            await asyncio.sleep(0)
        info.context.log.append(f"{name} ends")
        if fault:
            raise fault
        return value() if callable(value) else value

    return resolve


def steps(*names: str) -> list[str]:
    return [f"{name} {what}" for name in names for what in ("begins", "ends")]


MUTATIONS = "mutation { first second { gen } third fourth }"
FINE = {"gen": None, "late": 1}


@pytest.mark.parametrize(
    ("first", "second", "third"),
    [
        (logged("first", 1), logged("second", FINE), logged("third", [1])),
        (logged("first", fault=RuntimeError("no")), logged("second", FINE), logged("third", [1])),
        (logged("first", "x"), logged("second", FINE), logged("third", lambda: iter([1, 2]))),
        (logged("first", 1), logged("second", lambda: {"gen": iter([1, 2])}), logged("third", [2])),
        (logged("first", 1), logged("second", RuntimeError("given")), logged("third", lambda: (x for x in [1]))),
        (logged("first", 1), logged("second", lambda: {"gen": iter([1, "x"])}), logged("third", [2])),
    ],
)  # fmt: skip
async def test_mutations_run_once_and_one_after_the_other_whatever_becomes_of_them(first, second, third):
    outcome = await compared(MUTATIONS, first=first, second=second, third=third, fourth=logged("fourth", 4))
    assert outcome.log == steps("first", "second", "third", "fourth")


async def test_a_mutation_that_may_not_be_null_and_fails_is_the_last_that_runs():
    given = {
        "first": logged("first", 1),
        "third": logged("third", fault=RuntimeError("no")),
        "fourth": logged("fourth", 4),
    }
    outcome = await compared("mutation { first third fourth }", **given)
    assert outcome.log == steps("first", "third")
    assert outcome.answers[0]["data"] is None


async def test_a_root_resolver_of_a_query_runs_once_although_its_neighbour_needs_graphql_core():
    def ripe(_source, info):
        info.context.log.append("called")
        return asyncio.sleep(0, 7)

    outcome = await compared("{ ripe things { gen } }", ripe=ripe, things=lambda *_: [{"gen": iter([1])}])
    assert outcome.log == ["called"]
    assert outcome.answers == [{"data": {"ripe": 7, "things": [{"gen": [1]}]}}]


@pytest.mark.parametrize(
    "things",
    [
        lambda *_: [{"late": soon(1), "gen": None}, {"late": soon(2), "gen": iter([1])}],
        lambda *_: [{"late": soon(1), "thing": soon({"gen": iter([1])})}],
    ],
)
async def test_a_coroutine_that_is_an_objects_value_is_awaited_once(things):
    await compared("{ things { late gen thing { gen } } }", things=things)


async def test_a_resolver_may_change_the_list_that_it_is_given():
    def marked(_source, _info, words):
        words.append("mark")
        return " ".join(words)

    given = {"things": lambda *_: [{}, {}], "marked": marked}
    outcome = await compared('{ things { marked(words: ["a"]) } }', **given)
    assert outcome.answers == [{"data": {"things": [{"marked": "a mark"}, {"marked": "a mark"}]}}]


async def soon(value: Any) -> Any:
    return value
