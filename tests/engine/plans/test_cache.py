"""Plans are kept while there is room for them."""

from __future__ import annotations

import pytest
from graphql import build_schema

from engine.documents import Operation
from engine.executor import Executor
from engine.limits import Limits
from engine.plans import cache, selections

SCHEMA = build_schema("""
interface Fruit { name: String }
type Apple implements Fruit { name: String  a: Int  b: Int  c: Int }
type Pear implements Fruit { name: String  a: Int  b: Int  c: Int }
type Query { fruit: Fruit  ripe: Int }
""")


@pytest.fixture
def executor(monkeypatch):
    monkeypatch.setattr(cache, "REST", 0)
    return Executor(SCHEMA, limits=Limits())


async def run(executor, text, times=2):
    for _ in range(times):
        answer = await executor.execute(Operation(text), None, "an-id")
        assert not answer.errors


async def test_a_document_that_keeps_coming_is_compiled_once(executor):
    await run(executor, "{ ripe }", times=5)
    assert executor.plans.compiled == 1


async def test_all_plans_together_have_no_more_fields_than_are_kept(executor, monkeypatch):
    monkeypatch.setattr(cache, "FIELDS_KEPT", 3)
    for alias in ("one", "two", "three", "four"):
        await run(executor, f"{{ {alias}: ripe }}")
    compiled = executor.plans.compiled
    await run(executor, "{ four: ripe }")
    assert executor.plans.compiled == compiled + 1
    await run(executor, "{ four: ripe }")
    assert executor.plans.compiled == compiled + 1


async def test_each_type_that_may_stand_in_a_place_counts(executor, monkeypatch):
    monkeypatch.setattr(selections, "MOST_FIELDS", 6)
    await run(executor, "{ fruit { name ... on Apple { a b } } }")
    assert not executor.plans.unsupported
    await run(executor, "{ fruit { name ... on Apple { a b } ... on Pear { a b } } }")
    assert executor.plans.unsupported == {"too many fields": 1}


async def test_after_one_plan_others_wait(monkeypatch):
    monkeypatch.setattr(cache, "REST", 10**9)
    executor = Executor(SCHEMA, limits=Limits())
    await run(executor, "{ one: ripe }")
    await run(executor, "{ two: ripe }")
    assert executor.plans.compiled == 1
    await run(executor, "{ one: ripe }")
    assert executor.plans.compiled == 1
