"""Opens what `darkroom adopt` takes pictures from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import ConfigurationError as InvalidUri

import providers
from cli import options
from cli.session import Session
from models import elsewhere
from processing.adopting import Source
from processing.adopting.fields import Fields
from processing.adopting.in_collection import InCollection
from processing.adopting.in_gridfs import InGridFS
from processing.adopting.in_storage import InStorage

ANSWER_WITHIN_MS = 10_000

Opening = Callable[[Session], AbstractAsyncContextManager[Source]]


@dataclass(frozen=True)
class Place:
    """A database in MongoDB; what is None is the service's own."""

    uri: str | None
    database: str | None

    @asynccontextmanager
    async def open(self, opened: Session) -> AsyncIterator[tuple[elsewhere.Database, str]]:
        """The database, and which servers it is on: of the service's own the address may change."""
        async with _client(self.uri or opened.settings.database_uri) as client:
            host = elsewhere.host(self.uri) if self.uri else "own"
            yield client[self.database or opened.settings.mongodb_database], host


def collection(place: Place, name: str, url_field: str, fields: Fields) -> Opening:
    """Addresses in a collection."""

    @asynccontextmanager
    async def open_(opened: Session) -> AsyncIterator[Source]:
        fetcher = providers.open_fetcher(opened.settings)
        async with place.open(opened) as (database, host):
            yield InCollection(database[name], host, fetcher, url_field, fields)

    return open_


def bucket(place: Place, name: str, fields: Fields) -> Opening:
    """Files in a GridFS bucket."""

    @asynccontextmanager
    async def open_(opened: Session) -> AsyncIterator[Source]:
        async with place.open(opened) as (database, host):
            yield InGridFS(database, host, name, fields)

    return open_


def storage(kind: str, prefix: str, owner_part: int | None, **settings: str) -> Opening:
    """Objects where an adapter of ours can read, with some settings other than the service's."""

    @asynccontextmanager
    async def open_(opened: Session) -> AsyncIterator[Source]:
        changed = opened.settings.model_copy(update=settings)
        adapter = providers.PROVIDERS[kind].open(changed, opened.database)
        try:
            yield InStorage(adapter, _place(kind, changed.model_dump()), prefix, owner_part)
        finally:
            await adapter.close()

    return open_


def _place(kind: str, settings: dict[str, Any]) -> str:
    """Which bucket or library the settings mean."""
    named = {"s3": ("aws_endpoint_url_s3", "s3_bucket"), "imagekit": ("imagekit_url_endpoint",)}
    return "/".join(settings[name] or "" for name in named[kind])


def _client(uri: str) -> AsyncMongoClient[dict[str, Any]]:
    try:
        return AsyncMongoClient(uri, tz_aware=True, serverSelectionTimeoutMS=ANSWER_WITHIN_MS)
    except (InvalidUri, ValueError) as error:
        raise options.refuse("--uri", f"found an address that is not valid ({error})") from error
