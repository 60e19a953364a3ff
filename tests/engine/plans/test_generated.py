"""Plans answer exactly as graphql-core does, whatever is asked for and whatever resolvers do."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import pytest
from graphql import GraphQLSchema, OperationType
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from engine.documents import Operation
from tests.engine.plans import berries, torture
from tests.engine.plans.berry_world import BerryWorld
from tests.engine.plans.comparing import Modes
from tests.engine.plans.documents import documents
from tests.engine.plans.variables import values
from tests.engine.plans.world import World

# What an object holds to be awaited is left to graphql-core, which may ask the object for another one.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
WORLDS = st.tuples(
    st.integers(0, 2**32), st.sampled_from([0, 0, 5, 20, 60, 200, 500]), st.sampled_from([0, 0, 5, 30])
)
KINDS = [OperationType.QUERY] * 3 + [OperationType.MUTATION, OperationType.SUBSCRIPTION]


@cache
def modes(schema: GraphQLSchema) -> Modes:
    return Modes(schema)


async def compare(data: Any, schema: GraphQLSchema, world: type[World]) -> None:
    """One document, twice: in the second run its plan is there, and its variables and values are others."""
    document = data.draw(st.sampled_from(KINDS).flatmap(partial(documents, schema)), label="document")
    note(document.text)
    for _ in range(2):
        variables = data.draw(values(schema, document.variables), label="variables")
        chosen = data.draw(WORLDS, label="seed, chaos, waits")
        operation = Operation(document.text, variables, document.operation_name)
        await modes(schema).compare(operation, partial(world, schema, *chosen))


@settings(suppress_health_check=list(HealthCheck))
@given(data=st.data(), variant=st.integers(0, torture.VARIANTS - 1))
async def test_plans_answer_as_graphql_core_does(data, variant):
    await compare(data, torture.schema(variant), World)


@settings(suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_plans_answer_as_graphql_core_does_for_strawberry(data):
    await compare(data, berries.SCHEMA._schema, BerryWorld)
