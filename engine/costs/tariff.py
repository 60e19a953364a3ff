"""What one prepared operation may cost: asked for with each request's variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from graphql import FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode, VariableValues

from engine.costs.amounts import Later
from engine.costs.analysis import NODES, Analysis, Units
from errors import QueryTooComplexError

__all__ = ["NODES", "Tariff"]

MOST_SHOWN: Final = 2**53 - 1
"""The largest integer that every JSON reader reads exactly."""

LEVERS_SHOWN: Final = 5

Bill = Mapping[str, int]


class Tariff:
    """What an operation may cost, by unit.

    Args:
        schema: graphql-core's own.
        fragments: Of a valid document, by name.
        definition: The operation chosen in it.
        limits: The most of each unit that is run; a unit without a limit is only counted.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        definition: OperationDefinitionNode,
        limits: Bill,
    ) -> None:
        analysis = Analysis(schema, fragments)
        self._units: Units = {**dict.fromkeys(limits, 0), **analysis.operation(definition)}
        self._program = analysis.program
        self._levers: Sequence[str] = tuple(analysis.levers)
        self._limits = limits
        is_known = not any(isinstance(amount, Later) for amount in self._units.values())
        self._known = self._added_up(VariableValues({}, {})) if is_known else None

    def bill(self, variables: VariableValues) -> Bill:
        """The cost with these variables, which are coerced."""
        return self._added_up(variables) if self._known is None else self._known

    def check(self, variables: VariableValues) -> None:
        """Lets an operation pass that stays within the limits.

        Raises:
            QueryTooComplexError: It may cost more.
        """
        bill = self.bill(variables)
        for unit, limit in self._limits.items():
            if bill[unit] > limit:
                raise self._refusal(unit, bill)

    def report(self, variables: VariableValues) -> dict[str, Any]:
        """The cost and its limits, as a client is told."""
        return self._shown(self.bill(variables))

    def _added_up(self, variables: VariableValues) -> Bill:
        values = self._program.run(variables)
        return {
            unit: values[amount.step] if isinstance(amount, Later) else amount
            for unit, amount in self._units.items()
        }

    def _shown(self, bill: Bill) -> dict[str, Any]:
        figures = {unit: min(figure, MOST_SHOWN) for unit, figure in bill.items()}
        return {**figures, "limits": dict(self._limits)}

    def _refusal(self, unit: str, bill: Bill) -> QueryTooComplexError:
        figure = f"{bill[unit]:,}" if bill[unit] <= MOST_SHOWN else f"more than {MOST_SHOWN:,}"
        levers = ", ".join(self._levers[:LEVERS_SHOWN])
        advice = f"Ask for less, or lower {levers}." if levers else "Ask for less."
        message = f"The operation may cost {figure} {unit}; {self._limits[unit]:,} are the most. {advice}"
        return QueryTooComplexError(message, self._shown(bill))
