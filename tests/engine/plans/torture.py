"""A schema of all that a schema may have. Its variants differ in who resolves what, and in how."""

from __future__ import annotations

from functools import cache
from random import Random
from types import SimpleNamespace
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    build_schema,
    is_abstract_type,
    is_introspection_type,
    is_object_type,
)

from tests.engine.plans import resolving
from tests.engine.plans.values import Hue

SDL = """
scalar Odd
scalar Bare
scalar Json
enum Colour { RED GREEN BLUE GREY }
input Inner {
  n: Int! = 3, tags: [String!], colour: Colour = GREEN, colours: [[Colour!]], inner: Inner, odd: Odd, json: Json
}
input Required { id: ID!, on: Boolean!, inner: Inner! = { n: 7, tags: ["a"] } }
input One @oneOf { int: Int, text: String, inner: Inner, many: [Int!] }

interface Node { id: ID!  echo: String!  self: Node }
interface Named implements Node { id: ID!  echo: String!  self: Named  name(prefix: String = "p", times: Int): String }
interface Walled { walls: [[Int!]!]  neighbour: Walled!  echo: String! }
union Pet = Cat | Dog
union Anything = Cat | Dog | Person | Stone | Leaves

type Cat implements Node & Named {
  id: ID!  echo: String!  self: Cat  name(prefix: String = "p", times: Int): String
  colour: Colour  lives: Int!  size: Int  kittens: [Cat!]!  owner: Person  odd: Odd  sound: String!  enemies: [Pet]
}
type Dog implements Node & Named & Walled {
  id: ID!  echo: String!  self: Dog!  name(prefix: String = "p", times: Int, more: [Int!]): String!
  walls: [[Int!]!]!  neighbour: Walled!  colour: Colour!  size: String  owner: Person!  likes: [[Anything!]]  sound: String
}
type Person implements Node & Named {
  id: ID!  echo: String!  self: Person  name(prefix: String = "p", times: Int): String
  pets: [Pet!]  pet: Pet!  nodes: [Node]!  friends: [[Person!]!]  best: Named  colours: [Colour!]!  leaves: Leaves!
}
type Stone implements Walled { walls: [[Int!]!]  neighbour: Stone!  echo: String!  weight: Float  marks: [[Mark]!] }
type Mark { text: String  at: [Float!]  next: Mark! }
type Leaves {
  int: Int  intN: Int!  ints: [Int!]!  float: Float  floatN: Float!  floats: [[Float]]
  string: String  stringN: String!  strings: [String]!  boolean: Boolean  booleanN: Boolean!  booleans: [Boolean!]
  id: ID  idN: ID!  ids: [ID!]  odd: Odd  oddN: Odd!  odds: [Odd]!  bare: Bare  bares: [[Bare!]!]
  json: Json  jsons: [Json!]!  colour: Colour  colourN: Colour!  colours: [[Colour!]]  matrix: [[[Int!]!]!]!  echo: String!
}
type Query {
  cat: Cat  dog: Dog!  cats(first: Int = 3, filter: Inner): [Cat!]!  pet: Pet  pets: [Pet!]!  node(id: ID!): Node
  nodes: [Node!]  anything: [Anything]  grid: [[Anything!]!]  walled: [Walled!]  person: Person  leaves: Leaves  leavesN: Leaves!
  all: [Leaves!]!  named: [[Named]!]!  mark: Mark  echo: String!  ints: [[Int!]]!  colours: [Colour]
  takes(int: Int, float: Float, text: String = "d", on: Boolean! = true, id: ID, colour: Colour = RED,
    colours: [Colour!] = [RED, BLUE], lists: [[Int]], inner: Inner, inners: [Inner!]! = [{ n: 1 }, { inner: { n: 2 } }],
    odd: Odd, json: Json, one: One): String
  needs(int: Int!, text: [String!]!, required: Required!, colour: Colour!, one: One!, more: [Required!]): String!
}
type Mutation {
  makeCat(name: String!, inner: Inner): Cat  makeDog(id: ID = "d"): Dog!  makePets: [Pet!]!  makeAny: Anything  makeLeaves: Leaves
  count: Int  countN: Int!  makeWalled: Walled  makePeople: [[Person!]]
}
type Subscription {
  cats(to: Int): Cat  leaves: Leaves!  pets: [Pet!]!  any: Anything  int: Int!
}
"""
COLOURS: dict[str, Any] = {"RED": 1, "GREEN": ("g", 0), "BLUE": Hue.BLUE, "GREY": "RED"}


def serialized(value: object) -> object:
    if value == "raise":
        raise ValueError("not this one")
    if value == "refuse":
        raise GraphQLError("Not this one.", extensions={"code": "ODD"})
    return {"none": None, "undefined": Undefined, 3: [3, {"three": 3}]}.get(value, f"odd {value}")


def parsed(value: object) -> object:
    if value in ("raise", 13):
        raise ValueError("not to be parsed")
    if value == "refuse":
        raise GraphQLError("Cannot be parsed.", extensions={"code": "PARSE"})
    return (
        {"none": None, "undefined": Undefined}.get(value, ("odd", repr(value)))
        if isinstance(value, str)
        else ("odd", repr(value))
    )


@cache
def schema(variant: int) -> GraphQLSchema:
    """The schema, with resolvers chosen by `variant`; 0 has them only where there is no other way."""
    built = build_schema(SDL)
    dice = Random(variant)
    names = built.type_map
    names["Odd"].coerce_output_value, names["Odd"].coerce_input_value = serialized, parsed
    for name, value in COLOURS.items():
        names["Colour"].values[name].value = value
    vars(names["Colour"]).pop("_value_lookup", None)
    if variant % 2:
        names["Inner"].out_type = lambda values: SimpleNamespace(**values)
        names["Query"].fields["takes"].args["int"].out_name = "int_"
        names["Inner"].fields["n"].out_name = "n_"
    for kind in names.values():
        if is_object_type(kind) and not is_introspection_type(kind):
            _give_resolvers(kind, dice, variant)
            kind.is_type_of = dice.choice(resolving.IS_TYPE_OF)(kind) if variant else None
        elif is_abstract_type(kind):
            kind.resolve_type = dice.choice(resolving.RESOLVE_TYPE) if variant else resolving.by_name
    return built


VARIANTS = 12


def _give_resolvers(kind: GraphQLObjectType, dice: Random, variant: int) -> None:
    is_root = kind.name in {"Query", "Mutation"}
    for name, wanted in kind.fields.items():
        choices = resolving.AT_ROOTS if is_root else (*[None] * (9 - variant % 6), *resolving.ALL)
        wanted.resolve = dice.choice(choices) if is_root or variant else None
        if kind.name == "Mutation":
            wanted.resolve = resolving.logged(wanted.resolve)
        if name in {"echo", "takes", "needs"}:
            wanted.resolve = dice.choice(resolving.ECHOES) if name == "echo" else resolving.repeat
        if kind.name == "Subscription":
            wanted.resolve = dice.choice((None, resolving.sync)) if variant else None
            wanted.subscribe = resolving.subscribe
