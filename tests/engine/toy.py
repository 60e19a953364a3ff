"""A small schema and host for the engine's tests: no images, no database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import structlog
from graphql import GraphQLError, GraphQLResolveInfo, GraphQLSchema, build_schema

from engine.executor import Executor
from engine.limits import Limits
from engine.upload import UploadedFile
from errors import BadUserInputError, ResourceNotFoundError, UnauthenticatedError

log = structlog.get_logger()

SDL = """
scalar Upload
type Query {
  hello(name: String = "world"): String
  square(of: Int!): Int!
  whoAmI: String
  boom: String
  refused: String
  deep: Query
  size(file: Upload!): Int
}
type File { filename: String! sizeBytes: Int! checksum: String! }
type Mutation {
  touch: Boolean
  upload(file: Upload!): File
  uploadAll(files: [Upload!]!, order: [Int!]!): [File!]
  uploadAtOnce(files: [Upload!]!): [File!]
  openAllThenRead(files: [Upload!]!): [File!]
  giveUpOnFirst(files: [Upload!]!): [File!]
  ignore(file: Upload): Boolean
}
type Subscription { count(to: Int!): Int! endless: Int! broken: Int! refused: Int! }
"""


@dataclass(frozen=True)
class Person:
    id: str
    expires_at: datetime


@dataclass
class ToyHost:
    """Tokens are `Bearer <name>`; `Bearer bad` is refused, `Bearer brief` ends after a moment."""

    contexts: list[Any] = field(default_factory=list)
    watches: list[tuple[Person, Callable[[], None]]] = field(default_factory=list)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def authenticate(self, authorization: str | None) -> Person | None:
        if authorization is None:
            return None
        scheme, _, name = authorization.partition(" ")
        if scheme != "Bearer" or name in {"", "bad"}:
            raise UnauthenticatedError
        lifetime = timedelta(seconds=1) if name == "brief" else timedelta(hours=1)
        return Person(name, datetime.now(UTC) + lifetime)

    def context(
        self, principal: Person | None, request_id: str, client_address: str | None
    ) -> dict[str, Any]:
        context = {
            "person": principal,
            "request_id": request_id,
            "client_address": client_address,
            "closed": self.closed,
        }
        self.contexts.append(context)
        return context

    def audience(self, principal: Person | None) -> str | None:
        return principal.id if principal else None

    def watch(self, principal: Person, on_end: Callable[[], None]) -> Callable[[], None]:
        watch = principal, on_end
        self.watches.append(watch)
        return lambda: self.watches.remove(watch)

    def revoke(self) -> None:
        for _, on_end in list(self.watches):
            on_end()


async def received(file: UploadedFile) -> dict[str, Any]:
    opened = await file.open()
    return await consumed(opened.filename, opened.pieces)


async def consumed(filename: str, pieces: AsyncIterator[bytes | memoryview]) -> dict[str, Any]:
    size_bytes, checksum = 0, sha256()
    async for piece in pieces:
        size_bytes += len(piece)
        checksum.update(piece)
    return {"filename": filename, "sizeBytes": size_bytes, "checksum": checksum.hexdigest()}


async def resolve_upload_all(_root, _info, files, order):
    found = {index: await received(files[index]) for index in order}
    return [found[index] for index in range(len(files))]


async def resolve_upload_at_once(_root, _info, files):
    return await asyncio.gather(*map(received, files))


async def resolve_open_all_then_read(_root, _info, files):
    opened = [await file.open() for file in files]
    return [await consumed(file.filename, file.pieces) for file in opened]


async def resolve_give_up_on_first(_root, _info, files):
    async for _ in (await files[0].open()).pieces:
        break
    return [await received(file) for file in files[1:]]


async def count(_root, info: GraphQLResolveInfo, to: int):
    try:
        for number in range(1, to + 1):
            yield {"count": number}
    finally:
        info.context["closed"].set()


async def endless(_root, info: GraphQLResolveInfo):
    try:
        yield {"endless": 0}
        await asyncio.Event().wait()
    finally:
        info.context["closed"].set()


async def broken(_root, _info):
    yield {"broken": 1}
    raise RuntimeError("secret detail")


async def refused(_root, _info):
    raise ResourceNotFoundError
    yield


def boom(_root, _info):
    log.warning("about to fail")
    raise RuntimeError("secret detail")


def refuse(_root, _info):
    raise BadUserInputError("`first` must be at most 100.")


def parse_upload(value: object) -> UploadedFile:
    if not isinstance(value, UploadedFile):
        raise GraphQLError("A file must be sent as multipart/form-data.")
    return value


RESOLVERS = {
    "Query": {
        "hello": lambda _root, _info, name: f"hello {name}",
        "square": lambda _root, _info, of: of * of,
        "whoAmI": lambda _root, info: getattr(info.context["person"], "id", None),
        "boom": boom,
        "refused": refuse,
        "deep": lambda _root, _info: {},
    },
    "Mutation": {
        "touch": lambda _root, _info: True,
        "upload": lambda _root, _info, file: received(file),
        "uploadAll": resolve_upload_all,
        "uploadAtOnce": resolve_upload_at_once,
        "openAllThenRead": resolve_open_all_then_read,
        "giveUpOnFirst": resolve_give_up_on_first,
        "ignore": lambda _root, _info, file=None: True,
    },
}


def schema() -> GraphQLSchema:
    built = build_schema(SDL)
    built.type_map["Upload"].coerce_input_value = parse_upload
    for type_name, fields in RESOLVERS.items():
        for name, resolve in fields.items():
            built.type_map[type_name].fields[name].resolve = resolve
    for source in (count, endless, broken, refused):
        built.subscription_type.fields[source.__name__].subscribe = source
    return built


def executor(**limits: int) -> Executor:
    return Executor(schema(), limits=Limits(**limits))
