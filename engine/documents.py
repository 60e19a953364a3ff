"""What clients ask for, made ready: a document is parsed, weighed and validated once per text, and remembered."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    ScalarLeafsRule,
    get_operation_ast,
    specified_rules,
    validate,
)

from engine import answers, limits
from engine.answers import Answer
from engine.costs import Tariff
from engine.limits import Limits
from errors import QueryTooComplexError

QUERY, MUTATION, SUBSCRIPTION = OperationType.QUERY, OperationType.MUTATION, OperationType.SUBSCRIPTION
Key = tuple[str, str | None]


class DiscreetScalarLeafsRule(ScalarLeafsRule):
    """As graphql-core's own, which suggests a selection even where suggestions are to be hidden."""

    def report_error(self, error: GraphQLError) -> None:
        """Says what is wrong, and not what might be right."""
        said, _, _ = error.message.partition(" Did you mean ")
        super().report_error(GraphQLError(said, error.nodes))


DISCREET_RULES = (
    *(DiscreetScalarLeafsRule if rule is ScalarLeafsRule else rule for rule in specified_rules),
    NoSchemaIntrospectionCustomRule,
)


@dataclass(frozen=True)
class Operation:
    """What a client asks for, in a shape that is already checked; `reports_cost` puts the cost beside the answer."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    reports_cost: bool = False


@dataclass(frozen=True, eq=False)
class Prepared:
    """A valid document within the limits, and the operation chosen in it. Equal to itself alone."""

    document: DocumentNode
    definition: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]
    tariff: Tariff

    @property
    def operation_type(self) -> OperationType:
        """Query, mutation or subscription."""
        return self.definition.operation


class Documents:
    """The documents of one schema. What came last is remembered even if it is too long, or cannot run.

    Args:
        schema: graphql-core's own schema.
        limits: What a document may cost.
        introspection: Whether clients may read the schema; without it, errors suggest no names either.
        kept: How many prepared documents are remembered.
    """

    def __init__(
        self, schema: GraphQLSchema, *, limits: Limits, introspection: bool = True, kept: int = 512
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._rules = specified_rules if introspection else DISCREET_RULES
        self._kept = kept
        self._prepared: OrderedDict[Key, Prepared] = OrderedDict()
        self._latest: tuple[Key, Prepared | Answer] | None = None
        self.hide_suggestions = not introspection

    @property
    def count(self) -> int:
        """How many are remembered."""
        return len(self._prepared)

    def prepare(self, operation: Operation) -> Prepared | Answer:
        """The document ready to run, or the answer that says why it cannot."""
        key = operation.query, operation.operation_name
        prepared = self._prepared.get(key)
        if prepared is not None:
            self._prepared.move_to_end(key)
            return prepared
        if self._latest is not None and self._latest[0] == key:  # one request asks more than once
            return self._latest[1]
        made = self._prepare(operation)
        self._latest = key, made
        if isinstance(made, Prepared) and len(operation.query) <= self._limits.max_kept_characters:
            self._prepared[key] = made
            if len(self._prepared) > self._kept:
                self._prepared.popitem(last=False)
        return made

    def _prepare(self, operation: Operation) -> Prepared | Answer:
        try:
            document = limits.parsed(operation.query, self._limits)
            limits.check(document, self._limits)
        except QueryTooComplexError as error:
            return answers.refused(error)
        except GraphQLError as error:
            return answers.rejected([error], "GRAPHQL_PARSE_FAILED")
        faults = validate(self._schema, document, self._rules, hide_suggestions=self.hide_suggestions)
        if faults:
            return answers.rejected(faults, "GRAPHQL_VALIDATION_FAILED")
        chosen = get_operation_ast(document, operation.operation_name)
        if chosen is None:
            return answers.refusal(
                "The document has several operations, or none of that name: name one in `operationName`.",
                "BAD_USER_INPUT",
            )
        fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        tariff = Tariff(self._schema, fragments, chosen, self._limits.max_costs)
        return Prepared(document, chosen, fragments, tariff)
