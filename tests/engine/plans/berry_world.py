"""What Strawberry's resolvers give, and what may stand around them: permissions, extensions, loaders."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cache
from typing import Any

from strawberry import BasePermission, Info
from strawberry.dataloader import DataLoader
from strawberry.extensions import FieldExtension

from tests.engine.plans.world import World, key_of


class BerryWorld(World):
    """Gives instances of Strawberry's classes, or what only looks like them."""

    def thing(self, kind: Any, key: str, way: int) -> object:
        origin = kind.extensions["strawberry-definition"].origin
        return _lazy(origin)(self, kind, key) if way or self.seed % 3 else super().thing(kind, key, 0)

    @property
    def loader(self) -> DataLoader[str, str]:
        if "_loader" not in vars(self):
            self._loader = DataLoader(load_fn=self._load)
        return self._loader

    async def _load(self, keys: list[str]) -> list[Any]:
        await asyncio.sleep(0)
        return [self.held(self.schema.type_map["String"], f"loaded {key}") for key in keys]


@cache
def _lazy(origin: type) -> Any:
    """A class of things of this class whose attributes are found when they are asked for."""

    def begin(self: Any, world: World, kind: Any, key: str) -> None:
        vars(self).update(_world=world, _kind=kind, _key=key)

    def find(self: Any, name: str) -> object:
        if name.startswith("_"):
            raise AttributeError(name)
        known = {
            each.extensions["strawberry-definition"].python_name: gql
            for gql, each in self._kind.fields.items()
        }
        if name not in known:
            raise AttributeError(name)
        return self._world.given(self._kind.fields[known[name]].type, f"{self._key}>{name}")

    def words(self: Any) -> str:
        return f"{origin.__name__}({self._key})"

    return type(
        f"Lazy{origin.__name__}", (origin,), {"__init__": begin, "__getattr__": find, "__repr__": words}
    )


def found(source: object, info: Info[Any, Any], **args: object) -> Any:
    """What a resolver gives for the field of this object."""
    return info.context.resolved_of(source, info._raw_info, args)


async def awaited(value: Any) -> Any:
    return await value if hasattr(value, "__await__") else value


class Allowed(BasePermission):
    message = "Not allowed."
    error_extensions = {"code": "FORBIDDEN"}  # noqa: RUF012

    def has_permission(self, source: Any, info: Info[Any, Any], **_: Any) -> bool:
        return bool(info.context.dice(f"allowed {key_of(source)}").randrange(1_000) >= info.context.chaos)


class AllowedLater(Allowed):
    async def has_permission(self, source: Any, info: Info[Any, Any], **_: Any) -> bool:
        await asyncio.sleep(0)
        return super().has_permission(source, info)


class Loud(FieldExtension):
    """Changes what a resolver gives, and what it is given."""

    def resolve(self, next_: Any, source: Any, info: Info[Any, Any], **args: Any) -> Any:
        value = next_(
            source, info, **{name: value + 1 if type(value) is int else value for name, value in args.items()}
        )
        return value.upper() if type(value) is str else value

    async def resolve_async(self, next_: Any, source: Any, info: Info[Any, Any], **args: Any) -> Any:
        value = await next_(source, info, **args)
        return value.upper() if type(value) is str else value


async def titles(context: World, parents: Sequence[Any], /, *, upper: bool = False) -> Sequence[Any]:
    await asyncio.sleep(0)
    kind = context.schema.type_map["String"]
    return [context.given(kind, f"{key_of(parent)} {upper}") for parent in parents]
