"""A schema in Strawberry, with what Strawberry adds: its own infos, parents, permissions, extensions, handlers, loaders."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from enum import Enum
from functools import cache
from typing import Annotated, Any, Generic, NewType, TypeVar

import strawberry
from strawberry import UNSET, BasePermission, Info, Maybe, Parent
from strawberry.dataloader import DataLoader
from strawberry.extensions import FieldExtension
from strawberry.permission import PermissionExtension
from strawberry.schema.config import StrawberryConfig

from errors import NotFoundError
from tests.engine.plans import torture
from tests.engine.plans.world import World, key_of, shown

T = TypeVar("T")
Odd = NewType("Odd", object)


@strawberry.enum
class Tone(Enum):
    LOW = "low"
    HIGH = strawberry.enum_value(2, name="LOUD")


@strawberry.input
class Range:
    least: int = 1
    most: int | None = None
    tones: list[Tone] = strawberry.field(default_factory=lambda: [Tone.LOW])


@strawberry.input
class Wanted:
    words: list[str] | None = UNSET
    range: Range | None = None
    ranges: list[Range | None] = strawberry.field(default_factory=list)
    odd: Odd | None = UNSET
    note: Maybe[str | None] = None
    named: str | None = strawberry.field(name="as", default="x")


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


async def _titles(context: World, parents: Sequence[Any], /, *, upper: bool = False) -> Sequence[Any]:
    await asyncio.sleep(0)
    kind = context.schema.type_map["String"]
    return [context.given(kind, f"{key_of(parent)} {upper}") for parent in parents]


@strawberry.interface
class Being:
    id: strawberry.ID
    label_text: str | None = strawberry.field(name="label")

    @strawberry.field
    def greeting(self, info: Info[Any, Any], to: str = "you", times: int | None = None) -> str:
        return f"{info.field_name} {info.python_name} {shown(info.variable_values)} {to!r} {times!r} {key_of(self)}"

    @strawberry.field
    async def twin(self, info: Info[Any, Any]) -> Being | None:
        return await _awaited(found(self, info))


@strawberry.type
class Author(Being):
    tones: list[Tone]
    age: int
    odd: Odd | None
    shelves: list[list[Book]]

    @strawberry.field
    def best(self, info: Info[Any, Any]) -> Book | None:
        return found(self, info)

    @strawberry.field
    async def books(self, info: Info[Any, Any], wanted: Wanted | None = None) -> list[Book]:
        await asyncio.sleep(0)
        return await _awaited(found(self, info, wanted=wanted))

    @strawberry.field(permission_classes=[Allowed])
    def secret(self, info: Info[Any, Any]) -> str | None:
        return found(self, info)

    @strawberry.field(permission_classes=[AllowedLater, Allowed])
    async def deep_secret(self, info: Info[Any, Any]) -> int:
        return await _awaited(found(self, info))

    @strawberry.field(extensions=[PermissionExtension(permissions=[Allowed()], fail_silently=True)])
    def hidden(self, info: Info[Any, Any]) -> list[Tone] | None:
        return found(self, info)


@strawberry.type
class Book(Being):
    pages: int | None
    price: float
    tags: list[str] | None
    author: Author

    @strawberry.field
    def first_line(root: Parent[Book], info: Info[Any, Any]) -> str:  # noqa: N805
        return found(root, info)

    @strawberry.field
    async def loaded(self, root: Parent[Book], info: Info[Any, Any]) -> str | None:
        return await info.context.loader.load(key_of(root))

    @strawberry.field(metadata={"batch": _titles})
    async def title(self, info: Info[Any, Any], upper: bool = False) -> str:  # noqa: FBT001, FBT002
        return await _awaited(
            info.context.given(info.context.schema.type_map["String"], f"{key_of(self)} {upper}")
        )

    @strawberry.field(extensions=[Loud()])
    def loud(self, info: Info[Any, Any], number: int = 1) -> str | None:
        return f"{number}" if number % 2 else found(self, info)

    @strawberry.field(extensions=[Loud()])
    async def loud_later(self, info: Info[Any, Any]) -> str | None:
        return await _awaited(found(self, info))

    @strawberry.field
    def marked(self, words: list[str], wanted: list[Wanted] = []) -> str:  # noqa: B006
        words.append("mark")
        return f"{words} {wanted}"

    @strawberry.field
    def no_info(self) -> str:
        return f"none {key_of(self)}"


@strawberry.type
class Missing:
    message: str


@strawberry.type
class Page(Generic[T]):
    items: list[T]
    total: int
    next: T | None


Reading = Annotated[Author | Book | Missing, strawberry.union("Reading")]
AuthorOrMissing = Annotated[Author | Missing, strawberry.union("AuthorOrMissing")]


class MissingHandler(strawberry.ExceptionHandler[NotFoundError, Missing]):
    def handle(self, exception: NotFoundError, *, field: Any, info: Any) -> Missing:
        return Missing(message=f"{exception} {field.python_name} {info.field_name}")


async def _awaited(value: Any) -> Any:
    return await value if hasattr(value, "__await__") else value


@strawberry.type
class Query:
    @strawberry.field
    def authors(self, info: Info[Any, Any], wanted: Wanted | None = None) -> Page[Author]:
        return found(None, info, wanted=wanted)

    @strawberry.field
    async def books(
        self, info: Info[Any, Any], tone: Tone = Tone.LOW, ids: list[strawberry.ID] | None = None
    ) -> Page[Book]:
        return await _awaited(found(None, info, tone=tone, ids=ids))

    @strawberry.field
    def beings(self, info: Info[Any, Any]) -> list[Being]:
        return found(None, info)

    @strawberry.field
    async def reading(self, info: Info[Any, Any]) -> list[Reading | None] | None:
        return await _awaited(found(None, info))

    @strawberry.field
    def find(self, info: Info[Any, Any], id: strawberry.ID) -> AuthorOrMissing:  # noqa: A002
        if info.context.dice(f"find {id}").randrange(2):
            raise NotFoundError(str(id))
        return found(None, info)

    @strawberry.field(permission_classes=[AllowedLater])
    async def book(self, info: Info[Any, Any]) -> Book | None:
        return await _awaited(found(None, info))

    @strawberry.field
    def repeat(
        self,
        wanted: Wanted,
        odd: Odd | None = UNSET,
        note: Maybe[int] = None,
        text: Annotated[str, strawberry.argument(name="as")] = "y",
    ) -> str:
        return f"{wanted} {odd} {note} {text}"


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def write(self, info: Info[Any, Any], wanted: Wanted | None = None) -> Book:
        info.context.log.append(f"write {wanted}")
        value = await _awaited(found(None, info, wanted=wanted))
        info.context.log.append("written")
        return value

    @strawberry.mutation
    def find(self, info: Info[Any, Any], id: strawberry.ID) -> AuthorOrMissing:  # noqa: A002
        info.context.log.append(f"find {id}")
        if info.context.dice(f"find {id}").randrange(2):
            raise NotFoundError(str(id))
        return found(None, info)

    @strawberry.mutation(permission_classes=[AllowedLater])
    async def publish(self, info: Info[Any, Any]) -> list[Reading] | None:
        info.context.log.append("publish")
        return await _awaited(found(None, info))


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def books(self, info: Info[Any, Any], to: int = 2) -> AsyncGenerator[Book, None]:
        for number in range(max(0, min(to, 3))):
            yield info.context.held(info._raw_info.return_type, f"book {number}")

    @strawberry.subscription
    async def reading(self, info: Info[Any, Any]) -> AsyncGenerator[Reading, None]:
        for number in range(3):
            yield info.context.held(info._raw_info.return_type, f"reading {number}")


SCALARS = {
    Odd: strawberry.scalar(name="Odd", serialize=torture.serialized, parse_value=torture.parsed),
}
SCHEMA = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    exception_handlers=[MissingHandler()],
    config=StrawberryConfig(scalar_map=SCALARS),
)
