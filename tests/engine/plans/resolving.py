"""How the torture schema's fields are resolved: in every way that Python has."""

from __future__ import annotations

import asyncio
from typing import Any

from graphql import GraphQLAbstractType, GraphQLObjectType, GraphQLResolveInfo, Undefined, print_ast

from tests.engine.plans.world import Soon, key_of, later, shown


def sync(source: object, info: GraphQLResolveInfo, **args: object) -> object:
    return info.context.resolved_of(source, info, args)


def by_path(_source: object, info: GraphQLResolveInfo, **args: object) -> object:
    return info.context.resolved(info, args)


def spread(*anything: Any, **args: object) -> object:
    return sync(*anything, **args)


async def plain_async(source: object, info: GraphQLResolveInfo, **args: object) -> object:
    value = sync(source, info, **args)
    return await value if isinstance(value, Soon) else value


async def slow(source: object, info: GraphQLResolveInfo, **args: object) -> object:
    return await later(lambda: sync(source, info, **args), len(args) % 3 + 1)


def soon(source: object, info: GraphQLResolveInfo, **args: object) -> object:
    return later(lambda: sync(source, info, **args), 1)


def future(source: object, info: GraphQLResolveInfo, **args: object) -> object:
    value = sync(source, info, **args)
    given = asyncio.get_running_loop().create_future()
    given.set_result(value)
    return given if not isinstance(value, Soon) else value


class Callable:
    """A resolver that is an object."""

    def __call__(self, source: object, info: GraphQLResolveInfo, **args: object) -> object:
        return sync(source, info, **args)


AT_ROOTS = (by_path, by_path, spread, plain_async, slow, soon, future, Callable())
ALL = (sync, sync, *AT_ROOTS[1:])


def echo(source: object, info: GraphQLResolveInfo) -> str:
    """All that a resolver can see of where it is."""
    path = info.path
    return echo_here(source, info) + repr(
        [path.as_list(), path.key, path.typename, path.prev and path.prev.typename]
    )


def echo_here(source: object, info: GraphQLResolveInfo) -> str:
    """As `echo`, but for the path."""
    return repr([
        type(source).__name__, info.field_name, [print_ast(node) for node in info.field_nodes], [n.loc.start for n in info.field_nodes],
        str(info.return_type), info.parent_type.name, info.schema.query_type.name, sorted(info.fragments),
        info.root_value is None, info.operation.name and info.operation.name.value,
        type(info.variable_values).__name__, shown(info.variable_values.coerced), sorted(info.variable_values.sources),
        type(info.context).__name__, info.is_awaitable(Soon(1, 1)), info.is_awaitable(1), info.abort_signal, type(info.async_helpers).__name__,
        type(info.field_nodes).__name__, type(info).__name__, isinstance(info, tuple),
    ])  # fmt: skip


async def echo_later(source: object, info: GraphQLResolveInfo) -> str:
    await asyncio.sleep(0)
    return echo_here(source, info)


ECHOES = (echo_here, echo_here, echo_later, echo)


def repeat(_source: object, _info: GraphQLResolveInfo, **args: object) -> str:
    return shown(args) or "nothing"


def logged(resolve: Any) -> Any:
    def run(source: object, info: GraphQLResolveInfo, **args: object) -> object:
        info.context.log.append(f"{info.path.key} {shown(args)}")
        return resolve(source, info, **args)

    async def run_async(source: object, info: GraphQLResolveInfo, **args: object) -> object:
        info.context.log.append(f"{info.path.key} {shown(args)}")
        value = resolve(source, info, **args)
        value = await value if info.is_awaitable(value) else value
        info.context.log.append(f"{info.path.key} done")
        return value

    return run_async if resolve in (plain_async, slow) else run


async def subscribe(_root: object, info: GraphQLResolveInfo, **args: object) -> Any:
    world = info.context
    for number in range(3):
        yield {info.field_name: world.held(info.return_type, f"{info.field_name}{shown(args)}#{number}")}
    if world.chaos and world.dice("end").randrange(2):
        raise RuntimeError("the source ends")


def type_of(value: object) -> Any:
    kind = getattr(value, "_kind", None)
    if kind is not None:
        return kind.name
    return (
        value.get("__typename")
        if isinstance(value, dict)
        else getattr(value, "_SimpleNamespace__typename", None)
    )


def by_name(value: object, _info: GraphQLResolveInfo, _abstract: GraphQLAbstractType) -> object:
    return type_of(value)


async def by_name_later(value: object, _info: GraphQLResolveInfo, _abstract: GraphQLAbstractType) -> object:
    await asyncio.sleep(0)
    return type_of(value)


def mistaken(value: object, info: GraphQLResolveInfo, _abstract: GraphQLAbstractType) -> object:
    """Says what cannot be, as often as the world is chaotic."""
    world = info.context
    dice = world.dice(f"mistaken {key_of(value)}")
    if dice.randrange(1_000) < world.chaos:
        return dice.choice(
            [
                None,
                "Nobody",
                "Int",
                "Node",
                "Leaves",
                7,
                info.schema.type_map["Cat"],
                Soon("Dog", 1),
                Undefined,
            ]
        )
    return type_of(value)


def is_kind(kind: GraphQLObjectType) -> Any:
    def is_type_of(value: object, info: GraphQLResolveInfo) -> bool:
        world = info.context
        if world.chaos and not world.dice(
            f"is {kind.name} " + ".".join(map(str, info.path.as_list()))
        ).randrange(40):
            raise TypeError("cannot tell")
        return bool(type_of(value) == kind.name)

    return is_type_of


def is_later(kind: GraphQLObjectType) -> Any:
    is_type_of = is_kind(kind)

    async def is_type_of_later(value: object, info: GraphQLResolveInfo) -> bool:
        await asyncio.sleep(0)
        return bool(is_type_of(value, info))

    return is_type_of_later


def is_mixed(kind: GraphQLObjectType) -> Any:
    return (is_kind if len(kind.name) % 2 else is_later)(kind)


RESOLVE_TYPE = (by_name, by_name_later, mistaken, None, None)
IS_TYPE_OF = (lambda _: None, is_kind, is_later, is_mixed)
