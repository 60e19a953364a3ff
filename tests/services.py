"""Darkroom's own processes with each storage, started when they are first asked for."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Self
from unittest import mock

import pytest
from pymongo import AsyncMongoClient

import providers
from settings import Settings
from storage.base import Storage
from tests import s3
from tests.imagekit.server import FakeImageKit
from tests.kafka.broker import Broker
from tests.service import Service

DEFAULT_STORAGE = "gridfs"

PROVIDERS: dict[str, Callable[[ExitStack], dict[str, str]]] = {
    "gridfs": lambda _: {},
    "filesystem": lambda _: {},
    "s3": lambda running: running.enter_context(s3.moto()).settings(),
    "imagekit": lambda running: running.enter_context(FakeImageKit()).settings,
}
"""Starts what a storage needs, and gives the settings that lead there."""

STORAGES = tuple(PROVIDERS)


class EagerService(Service):
    """Compiles every operation when it first comes, not when it comes again."""

    program = "tests.eager"


PLANS: dict[str, tuple[type[Service], dict[str, str]]] = {
    "compiled": (EagerService, {}),
    "core": (Service, {"COMPILED_PLANS": "false"}),
}
"""Whether compiled plans run operations, or graphql-core: how a service is started, and its settings."""

DEFAULT_PLANS = "compiled"

QUEUES = ("mongo", "kafka")
DEFAULT_QUEUE = "mongo"


class Services:
    """A service for each kind of storage and of plans, with a database of its own, kept until the end of the block."""

    def __init__(
        self, folders: pytest.TempPathFactory, mongo_uri: str, database: str, kafka: Callable[[], Broker]
    ) -> None:
        self._folders = folders
        self._mongo_uri = mongo_uri
        self._database = database
        self._kafka = kafka
        self._running: dict[str, Service] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def of(self, kind: str, plans: str = DEFAULT_PLANS, queue: str = DEFAULT_QUEUE) -> Service:
        """The service that keeps what is new in storage of this kind, runs operations so, and wakes its workers so."""
        chosen_ones = {kind: DEFAULT_STORAGE, plans: DEFAULT_PLANS, queue: DEFAULT_QUEUE}
        name = "_".join(choice for choice, default in chosen_ones.items() if choice != default)
        if name not in self._running:
            database = f"{self._database}_{name}".rstrip("_")
            start, chosen = PLANS[plans]
            waking = self._kafka().settings(database) if queue == "kafka" else {}
            settings = {
                "MONGODB_URI": self._mongo_uri,
                "MONGODB_DATABASE": database,
                "STORAGE": kind,
                **chosen,
                **waking,
            }
            service = start(
                self._folders.mktemp(f"service-{kind}"), **settings, **PROVIDERS[kind](self._stack)
            )
            self._running[name] = self._stack.enter_context(service)
        return self._running[name]


async def opened(service: Service, client: AsyncMongoClient[dict[str, Any]]) -> Storage:
    """The adapter of the service, as the service itself opens it."""
    with mock.patch.dict(os.environ, service.environment, clear=True):
        settings = Settings.load()
    storages = await providers.open_storages(settings, client[settings.mongodb_database])
    return storages.current
