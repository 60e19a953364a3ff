"""What a run is given: every value follows from a seed and from where it stands, so that two runs are given the same."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass, field
from random import Random
from types import SimpleNamespace
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    is_abstract_type,
    is_leaf_type,
)

from tests.engine.plans import carriers
from tests.engine.plans.values import FAULTS, KINDS_OF_FAULTS, LEAVES, WRONG


class Soon:
    """Awaitable, and no coroutine: may be thrown away, and awaited twice."""

    def __init__(self, value: object, turns: int) -> None:
        self.value, self.turns = value, turns

    def __repr__(self) -> str:
        return "Soon()"

    def __await__(self) -> Generator[Any, None, object]:
        for _ in range(self.turns):
            yield from asyncio.sleep(0).__await__()
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


@dataclass
class World:
    """The context of one run.

    Attributes:
        schema: Says of which types values are wanted.
        seed: What all values follow from; two of three know no lists but lists and tuples.
        chaos: How many of 1,000 values are wrong.
        waits: How many of 100 values come later.
        log: The mutations that were run, in order.
    """

    schema: GraphQLSchema
    seed: int = 0
    chaos: int = 0
    waits: int = 0
    log: list[str] = field(default_factory=list)

    def dice(self, key: str) -> Random:
        return Random(f"{self.seed}/{key}")

    def resolved(self, info: GraphQLResolveInfo, args: Mapping[str, object]) -> object:
        """What a resolver gives for the field at this path; raises as often as it is chaotic."""
        key = ".".join(map(str, info.path.as_list()))
        return self.given(info.return_type, f"{key}{shown(args)}")

    def resolved_of(self, source: object, info: GraphQLResolveInfo, args: Mapping[str, object]) -> object:
        """As `resolved`, for this field of this object, wherever it is."""
        return self.given(info.return_type, f"{key_of(source)}.{info.field_name}{shown(args)}")

    def given(self, kind: Any, key: str) -> object:
        """A value at `key`, or what is raised instead."""
        dice = self.dice(key)
        if dice.randrange(1_000) < self.chaos:
            return self._wrong(kind, key, dice)
        value = self._right(kind, key, dice)
        if dice.randrange(100) < self.waits:
            return Soon(value, dice.randrange(3))
        return value

    def held(self, kind: Any, key: str) -> object:
        """As `given`, where nothing can be raised: an error is a value."""
        try:
            return self.given(kind, key)
        except Exception as fault:  # noqa: BLE001 - whatever it would be
            return fault

    def _wrong(self, kind: Any, key: str, dice: Random) -> object:
        way = dice.randrange(8)
        fault = FAULTS[dice.choice(KINDS_OF_FAULTS)]
        if way in {0, 1}:
            raise fault()
        if way == 2:
            return fault()
        if way == 3:
            return Soon(fault(), dice.randrange(3))
        if way == 4:
            return None
        if way == 5:
            named = self.schema.type_map[dice.choice(["Cat", "Stone", "Leaves", "Int", "Colour"])]
            return self.held(named, f"{key}!")
        wrong = dice.choice(WRONG)
        return Soon(wrong, 1) if way == 6 else wrong

    def _right(self, kind: Any, key: str, dice: Random) -> object:
        if isinstance(kind, GraphQLNonNull):
            kind = kind.of_type
        elif not dice.randrange(8):
            return None
        if isinstance(kind, GraphQLList):
            items = [self.held(kind.of_type, f"{key}.{index}") for index in range(dice.randrange(4))]
            return self._carrier(dice)(items)
        if isinstance(kind, GraphQLEnumType):
            return dice.choice(list(kind.values.values())).value
        if is_leaf_type(kind):
            return dice.choice(LEAVES[kind.name])
        chosen = dice.choice(self.schema.get_possible_types(kind)) if is_abstract_type(kind) else kind
        return self.thing(chosen, key, dice.randrange(6))

    def _carrier(self, dice: Random) -> carriers.Carrier:
        if dice.randrange(1_000) < self.chaos:
            return dice.choice(carriers.WRONG)
        if self.seed % 3:
            return dice.choice(carriers.PLAIN)
        return dice.choice(carriers.STREAMS if self.waits else carriers.LISTS)

    def thing(self, kind: GraphQLObjectType, key: str, way: int) -> object:
        """An object of the type, in one of the shapes that default resolvers read."""
        if way in {0, 1}:
            return Thing(self, kind, key)
        if way == 2:
            return LazyMap(self, kind, key)
        values = {
            name: self.attribute(kind, name, key)
            for name, wanted in kind.fields.items()
            if wanted.args or is_leaf_type(bare(wanted.type))
        }
        if way == 3:
            return SimpleNamespace(**values, _SimpleNamespace__typename=kind.name, _key=key)
        values |= {"__typename": kind.name, "_key": key}
        return values if way == 4 else carriers.Dictionary(values)

    def attribute(self, kind: GraphQLObjectType, name: str, key: str) -> object:
        """What stands under a field's name; for a field with arguments always something to call."""
        wanted = kind.fields[name]
        place = f"{key}>{name}"
        if wanted.args:
            return lambda _info, **args: self.given(wanted.type, f"{place}{shown(args)}")
        if not self.dice(f"{place}()").randrange(10):
            return lambda _info: self.given(wanted.type, place)
        return self.held(wanted.type, place)


class Thing:
    """An object whose attributes are found when they are asked for; some of them raise."""

    def __init__(self, world: World, kind: GraphQLObjectType, key: str) -> None:
        self._world, self._kind, self._key = world, kind, key
        self.__typename = kind.name

    def __repr__(self) -> str:
        return f"Thing({self._kind.name}, {self._key})"

    def __getattr__(self, name: str) -> object:
        if name.startswith("_") or name not in self._kind.fields:
            raise AttributeError(name)
        value = self._world.attribute(self._kind, name, self._key)
        if isinstance(value, Exception) and len(str(value)) % 2:
            raise value
        return value


class LazyMap(Mapping[str, object]):
    """A mapping that is no dict."""

    def __init__(self, world: World, kind: GraphQLObjectType, key: str) -> None:
        self._world, self._kind, self._key = world, kind, key

    def __repr__(self) -> str:
        return f"LazyMap({self._kind.name}, {self._key})"

    def __getitem__(self, name: str) -> object:
        if name == "__typename":
            return self._kind.name
        if name not in self._kind.fields:
            raise KeyError(name)
        return self._world.attribute(self._kind, name, self._key)

    def __iter__(self) -> Any:
        return iter(self._kind.fields)

    def __len__(self) -> int:
        return len(self._kind.fields)


def key_of(source: object) -> str:
    """What the values of an object follow from; nothing in particular for what is none."""
    key = source.get("_key") if isinstance(source, dict) else getattr(source, "_key", None)
    return key if isinstance(key, str) else "elsewhere"


def bare(kind: Any) -> Any:
    while isinstance(kind, (GraphQLNonNull, GraphQLList)):
        kind = kind.of_type
    return kind


def shown(args: Mapping[str, object]) -> str:
    """Arguments as a part of a key: their order counts."""
    return repr(list(args.items())) if args else ""


async def later(work: Callable[[], object], turns: int) -> object:
    for _ in range(turns):
        await asyncio.sleep(0)
    value = work()
    return await value if isinstance(value, Awaitable) else value
