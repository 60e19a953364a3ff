"""A schema of people who have friends, with costs declared in every way there is."""

from __future__ import annotations

from typing import Any

from graphql import (
    FragmentDefinitionNode,
    GraphQLError,
    build_schema,
    get_operation_ast,
    get_variable_values,
    parse,
    validate,
)

from engine.costs import COST, NODES, PAGE, Cost, Tariff, by

SDL = """
input Page { size: Int, ids: [Int] }
interface Being { name: String friends(first: Int): [Person!]! }
type Person implements Being {
  name: String
  friends(first: Int): [Person!]!
  someFriends(first: Int = 7): [Person!]!
  named(page: Page): [Person!]!
  best: Person
  strangers: [Person!]!
  grid(side: Int!): [[Person!]!]!
  circle(first: Int): Circle
  photo(widths: [Int!]): String
}
type Robot implements Being { name: String friends(first: Int): [Person!]! parts: [Part!]! }
type Part { name: String }
union Anybody = Person | Robot
type Circle { edges: [Edge!]! nodes: [Person!]! size: Int }
type Edge { node: Person }
type Query { me: Person being: Being anybody: Anybody circle: Circle }
type Mutation { befriend(ids: [Int!]!): Circle }
type Subscription { met: Person }
"""


def first(number: int | None) -> int:
    return 5 if number is None else number


COSTS = {
    "Person.friends": Cost(size=by(first, "first")),
    "Being.friends": Cost(size=by(first, "first")),
    "Robot.friends": Cost(size=by(first, "first")),
    "Robot.parts": Cost(size=3),
    "Person.someFriends": Cost(size=by(first, "first")),
    "Person.named": Cost(size=by(lambda page: page["size"] or len(page["ids"]), "page")),
    "Person.grid": Cost(size=by(first, "side")),
    "Person.circle": Cost(page=by(first, "first")),
    "Person.photo": Cost(units={NODES: 1, "dots": by(lambda widths: sum(widths or [100]), "widths")}),
    "Circle.edges": Cost(size=PAGE),
    "Circle.nodes": Cost(size=PAGE),
    "Mutation.befriend": Cost(page=by(len, "ids")),
}
SCHEMA = build_schema(SDL)
for _name, _cost in COSTS.items():
    _type, _, _field = _name.partition(".")
    SCHEMA.type_map[_type].fields[_field].extensions[COST] = _cost


def tariff(text: str, **limits: int) -> Tariff:
    document = parse(text)
    assert validate(SCHEMA, document) == []
    fragments = {
        node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
    return Tariff(SCHEMA, fragments, get_operation_ast(document), limits)


def variables(text: str, given: dict[str, Any]):
    coerced = get_variable_values(SCHEMA, get_operation_ast(parse(text)).variable_definitions or (), given)
    if isinstance(coerced, list):
        raise GraphQLError(str(coerced))
    return coerced


def costs(text: str, **given: Any) -> dict[str, int]:
    """What the operation in `text` may cost with these variables."""
    return {unit: cost for unit, cost in tariff(text).bill(variables(text, given)).items() if cost}


def nodes(text: str, **given: Any) -> int:
    return costs(text, **given).get(NODES, 0)
