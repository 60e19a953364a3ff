"""The plans of one schema: which operation has one, which cannot, and how that goes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from graphql import DirectiveNode, DocumentNode, GraphQLError, VariableNode, Visitor, visit

from engine.documents import Prepared
from engine.plans.departing import UnsupportedError
from engine.plans.running import Core, Plan
from engine.plans.writer import Writer

log = structlog.get_logger(__name__)

VARIANTS_KEPT = 8
FIELDS_KEPT = 50_000
"""Of all plans, at about 1.3 KB each. Clients choose what is compiled; with all of it kept, they could fill the memory."""

DEPARTURES_BORNE = 8
REST = 4
"""How much longer than it took to write a plan no other is written."""
CONDITIONS = frozenset({"skip", "include"})

Choice = tuple[Any, ...]


@dataclass(eq=False)
class Compiled:
    """A document's plans: one for each choice that its variables make of what is skipped and included.

    None stands for an operation that graphql-core runs. What needs nobody's answer is a `constant`.
    `field_count` says how large the plans are together.
    """

    conditions: tuple[str, ...]
    constant: dict[str, Any] | None = None
    runs: int = 0
    field_count: int = 0
    plans: dict[Choice, Plan | None] = field(default_factory=dict)


class Plans:
    """Gives out plans; they live as long as the prepared documents that they were made of, or until there are too many.

    Args:
        compile_after: How often a document runs without a plan before it gets one: most come again, or never. With 0,
            each has one at once, whatever that costs.

    Attributes:
        compiled: How many plans were written.
        departures: How often one met what it does not foresee, and graphql-core completed the answer.
        unsupported: How many operations graphql-core runs, by reason.
    """

    def __init__(self, *, compile_after: int = 1) -> None:
        self._compile_after = compile_after
        self._rest = REST if compile_after else 0
        self._rests_until = 0.0
        self._documents: WeakKeyDictionary[Prepared, Compiled] = WeakKeyDictionary()
        self.compiled = 0
        self.departures = 0
        self.unsupported: Counter[str] = Counter()

    def constant(self, prepared: Prepared) -> dict[str, Any] | None:
        """The data of an operation that nobody need be asked about."""
        document = self._documents.get(prepared)
        return document.constant if document else None

    def of(self, prepared: Prepared, core: Core) -> Plan | None:
        """The operation's plan; None where graphql-core runs it."""
        document = self._documents.get(prepared)
        if document is None:
            document = self._documents[prepared] = Compiled(_conditions(prepared.document))
        document.runs += 1
        if document.runs <= self._compile_after:
            return None
        variables = core.variable_values.coerced
        choice = tuple(variables.get(name) for name in document.conditions)
        if choice not in document.plans and len(document.plans) < VARIANTS_KEPT and self._is_rested():
            plan = document.plans[choice] = self._compile(core, document)
            if plan is not None and not (choice or prepared.definition.variable_definitions):
                document.constant = plan.constant
        plan = document.plans.get(choice)
        if plan is not None and plan.departures > DEPARTURES_BORNE and 2 * plan.departures > plan.runs:
            self._note_unsupported(core, "departs from its plan too often")
            plan = document.plans[choice] = None
        return plan

    def _note_departure(self) -> None:
        self.departures += 1

    def _is_rested(self) -> bool:
        return perf_counter() >= self._rests_until

    def _compile(self, core: Core, document: Compiled) -> Plan | None:
        """Writes a plan, and rests afterwards: whoever sends ever new documents takes a fifth of the time at most."""
        began = perf_counter()
        try:
            return self._written(core, document)
        finally:
            now = perf_counter()
            self._rests_until = now + self._rest * (now - began)

    def _written(self, core: Core, document: Compiled) -> Plan | None:
        try:
            writer = Writer(core)
            source, names = writer.write()
        except UnsupportedError as reason:
            self._note_unsupported(core, str(reason))
            return None
        except GraphQLError:
            self._note_unsupported(core, "a condition without a value")
            return None
        exec(compile(source, "<plan>", "exec"), names)  # noqa: S102 - what Writer wrote: names and checked literals
        self.compiled += 1
        document.field_count += writer.field_count
        if sum(each.field_count for each in self._documents.values()) > FIELDS_KEPT:
            self._documents.clear()  # what is in use comes again, and is compiled again
        return Plan(writer.roots, names["plan"], self._note_departure)

    def _note_unsupported(self, core: Core, reason: str) -> None:
        self.unsupported[reason] += 1
        name = core.operation.name.value if core.operation.name else None
        log.debug("no plan", reason=reason, operation=name)


class _Conditions(Visitor):
    """Collects the variables that say what is skipped and included."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        if node.name.value in CONDITIONS:
            values = [argument.value for argument in node.arguments or ()]
            self.names |= {value.name.value for value in values if isinstance(value, VariableNode)}


def _conditions(document: DocumentNode) -> tuple[str, ...]:
    visitor = _Conditions()
    visit(document, visitor)
    return tuple(sorted(visitor.names))
