"""A schema in Strawberry, with what Strawberry adds: its own infos, parents, permissions, extensions, handlers, loaders."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from enum import Enum
from typing import Annotated, Any, Generic, NewType, TypeVar

import strawberry
from strawberry import UNSET, Info, Maybe, Parent
from strawberry.permission import PermissionExtension
from strawberry.schema.config import StrawberryConfig

from errors import NotFoundError
from tests.engine.plans import torture
from tests.engine.plans.berry_world import Allowed, AllowedLater, Loud, awaited, found, titles
from tests.engine.plans.world import key_of, shown

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


@strawberry.interface
class Being:
    id: strawberry.ID
    label_text: str | None = strawberry.field(name="label")

    @strawberry.field
    def greeting(self, info: Info[Any, Any], to: str = "you", times: int | None = None) -> str:
        return f"{info.field_name} {info.python_name} {shown(info.variable_values)} {to!r} {times!r} {key_of(self)}"

    @strawberry.field
    async def twin(self, info: Info[Any, Any]) -> Being | None:
        return await awaited(found(self, info))


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
        return await awaited(found(self, info, wanted=wanted))

    @strawberry.field(permission_classes=[Allowed])
    def secret(self, info: Info[Any, Any]) -> str | None:
        return found(self, info)

    @strawberry.field(permission_classes=[AllowedLater, Allowed])
    async def deep_secret(self, info: Info[Any, Any]) -> int:
        return await awaited(found(self, info))

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

    @strawberry.field(metadata={"batch": titles})
    async def title(self, info: Info[Any, Any], upper: bool = False) -> str:  # noqa: FBT001, FBT002
        return await awaited(
            info.context.given(info.context.schema.type_map["String"], f"{key_of(self)} {upper}")
        )

    @strawberry.field(extensions=[Loud()])
    def loud(self, info: Info[Any, Any], number: int = 1) -> str | None:
        return f"{number}" if number % 2 else found(self, info)

    @strawberry.field(extensions=[Loud()])
    async def loud_later(self, info: Info[Any, Any]) -> str | None:
        return await awaited(found(self, info))

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


@strawberry.type
class Query:
    @strawberry.field
    def authors(self, info: Info[Any, Any], wanted: Wanted | None = None) -> Page[Author]:
        return found(None, info, wanted=wanted)

    @strawberry.field
    async def books(
        self, info: Info[Any, Any], tone: Tone = Tone.LOW, ids: list[strawberry.ID] | None = None
    ) -> Page[Book]:
        return await awaited(found(None, info, tone=tone, ids=ids))

    @strawberry.field
    def beings(self, info: Info[Any, Any]) -> list[Being]:
        return found(None, info)

    @strawberry.field
    async def reading(self, info: Info[Any, Any]) -> list[Reading | None] | None:
        return await awaited(found(None, info))

    @strawberry.field
    def find(self, info: Info[Any, Any], id: strawberry.ID) -> AuthorOrMissing:  # noqa: A002
        if info.context.dice(f"find {id}").randrange(2):
            raise NotFoundError(str(id))
        return found(None, info)

    @strawberry.field(permission_classes=[AllowedLater])
    async def book(self, info: Info[Any, Any]) -> Book | None:
        return await awaited(found(None, info))

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
        value = await awaited(found(None, info, wanted=wanted))
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
        return await awaited(found(None, info))


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
