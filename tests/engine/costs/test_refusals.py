"""What may cost too much is refused with figures, before anything runs; what it costs is told to whoever asks."""

from __future__ import annotations

import pytest
from graphql import VariableValues

from engine.answers import Answer
from engine.documents import Operation
from engine.executor import Executor
from engine.limits import Limits
from errors import QueryTooComplexError
from tests.engine.costs.friends import SCHEMA, nodes, tariff, variables

TEXT = "query ($n: Int) { me { friends(first: $n) { best { name } } } }"


def executor(*, compiled: bool = False, **limits: int) -> Executor:
    return Executor(SCHEMA, limits=Limits(max_costs=limits), compiled=compiled, compile_after=0)


def doubling(levels: int, innermost: str) -> str:
    """People beside people, 2 to the power of the levels."""
    header = "query ($n: Int)" if "$n" in innermost else "query"
    fragments = (f"fragment f{n} on Person {{ ...f{n + 1} best {{ ...f{n + 1} }} }} " for n in range(levels))
    last = f"fragment f{levels} on Person {{ {innermost} }}"
    return f"{header} {{ me {{ ...f0 }} }} " + "".join(fragments) + last


async def answer(running: Executor, text: str = TEXT, *, report: bool = False, **given: int) -> Answer:
    return await running.execute(Operation(text, given, reports_cost=report), None, "an-id")


@pytest.mark.parametrize("compiled", [True, False])
async def test_what_costs_as_much_as_the_limit_runs_and_one_more_does_not(compiled):
    running = executor(compiled=compiled, nodes=21)

    for _ in range(3):
        assert (await answer(running, n=10)).data == {"me": None}
        refused = await answer(running, n=11)
        assert (refused.status, refused.data) == (400, None)
        (error,) = refused.errors
        assert error["message"] == (
            "The operation may cost 23 nodes; 21 are the most. Ask for less, or lower `first` of `friends`."
        )
        assert error["extensions"] == {
            "code": "QUERY_TOO_COMPLEX",
            "cost": {"nodes": 23, "limits": {"nodes": 21}},
        }


async def test_a_subscription_is_refused_by_what_one_event_costs():
    text = "subscription ($n: Int) { met { friends(first: $n) { name } } }"

    refused = await executor(nodes=10).start(Operation(text, {"n": 10}), None, "an-id")

    assert isinstance(refused, Answer)
    assert refused.errors[0]["extensions"]["code"] == "QUERY_TOO_COMPLEX"


async def test_a_unit_of_the_schemas_own_has_a_limit_of_its_own():
    text = "query ($w: [Int!]) { me { photo(widths: $w) } }"
    running = executor(nodes=10, dots=50)

    assert (await answer(running, text, w=[20, 30])).status == 200
    assert "51 dots; 50 are the most" in (await answer(running, text, w=[20, 31])).errors[0]["message"]


async def test_the_cost_is_beside_the_answer_for_whoever_asks():
    running = executor(nodes=21, dots=5)

    asked = await answer(running, n=3, report=True)
    not_asked = await answer(running, n=3)

    expected = {"cost": {"nodes": 7, "dots": 0, "limits": {"nodes": 21, "dots": 5}}}
    assert asked.as_dict() == {"data": {"me": None}, "extensions": expected}
    assert not_asked.as_dict() == {"data": {"me": None}}


async def test_variables_that_do_not_fit_are_told_as_such():
    refused = await answer(executor(nodes=1), n="many", report=True)

    assert refused.errors[0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("innermost", ["name", "friends(first: 3) { name }", "friends(first: $n) { name }"])
def test_fragments_that_double_sixty_times_are_counted_by_walking_each_once(innermost):
    text = doubling(60, innermost)
    innermost_nodes = 0 if innermost == "name" else 3

    counted = nodes(text, n=3)

    assert counted == 2**60 * (1 + innermost_nodes)


def test_a_figure_that_json_cannot_hold_is_told_as_more():
    text = doubling(60, "name")

    with pytest.raises(QueryTooComplexError, match="more than 9,007,199,254,740,991 nodes") as refusal:
        tariff(text, nodes=1).check(variables(text, {}))

    assert refusal.value.extensions["cost"] == {"nodes": 2**53 - 1, "limits": {"nodes": 1}}


def test_what_no_variable_changes_is_worked_out_once():
    known = tariff("{ me { friends(first: 3) { name } } }", nodes=10)
    nobody = VariableValues({}, {})

    assert known.bill(nobody) is known.bill(nobody)
