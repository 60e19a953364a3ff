"""Plans answer exactly as graphql-core does, whatever is asked for and whatever resolvers do."""

from __future__ import annotations

from functools import cache, partial

import pytest
from graphql import OperationType
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from engine.documents import Operation
from tests.engine.plans import torture
from tests.engine.plans.comparing import Modes
from tests.engine.plans.documents import documents
from tests.engine.plans.variables import values
from tests.engine.plans.world import World

pytestmark = pytest.mark.filterwarnings(
    "ignore:coroutine .* was never awaited"
)  # graphql-core drops some, too
CHAOS = st.sampled_from([0, 0, 5, 20, 60, 200, 500])
KINDS = [OperationType.QUERY] * 3 + [OperationType.MUTATION, OperationType.SUBSCRIPTION]
WAITS = st.sampled_from([0, 0, 5, 30])


@cache
def modes(variant: int) -> Modes:
    return Modes(torture.schema(variant))


@settings(suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_plans_answer_as_graphql_core_does(data):
    variant = data.draw(st.integers(0, torture.VARIANTS - 1), label="variant")
    schema = torture.schema(variant)
    document = data.draw(st.sampled_from(KINDS).flatmap(partial(documents, schema)), label="document")
    note(document.text)
    for _ in range(2):
        variables = data.draw(values(schema, document.variables), label="variables")
        world = data.draw(st.tuples(st.integers(0, 2**32), CHAOS, WAITS), label="seed, chaos, waits")
        operation = Operation(document.text, variables, document.operation_name)
        await modes(variant).compare(operation, partial(World, schema, *world))
