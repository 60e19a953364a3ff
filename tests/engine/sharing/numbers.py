"""A source of numbers that says where it stands, and a schema that counts what is done for it."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

from graphql import build_schema

from engine.executor import Executor
from engine.limits import Limits

SDL = """
type Query { hello: String }
type Subscription { numbers(after: Int, tag: String): Int! unplaced: Int! }
"""
NUMBERS = "subscription ($after: Int) { numbers(after: $after) }"


@dataclass(frozen=True)
class Number:
    position: int
    is_place: ClassVar[bool] = False


@dataclass(frozen=True)
class Place:
    position: int
    is_place: ClassVar[bool] = True


class Numbers:
    """1, 2, 3 …, for all who listen.

    Attributes:
        newest: The last number.
        executed: How often each number was executed.
        sources: How many were begun.
        open: How many of them are not closed.
    """

    def __init__(self):
        self.newest = 0
        self.executed = Counter()
        self.sources = 0
        self.open = 0
        self.fault = None
        self._news = asyncio.Event()

    def publish(self, count=1):
        self.newest += count
        self._news.set()
        self._news = asyncio.Event()

    def break_with(self, fault):
        self.fault = fault
        self._news.set()

    async def pause(self):
        """Where a source waits between two numbers; a test may make it wait longer."""

    async def source(self, _root, info, after=None, tag=None):
        self.sources += 1
        self.open += 1
        try:
            place = self.newest if after is None else after
            info.context["place"] = place
            yield Place(place)
            while True:
                if self.fault:
                    raise self.fault
                news = self._news
                while place < self.newest:
                    place += 1
                    await self.pause()
                    yield Number(place)
                    yield Place(place)
                await news.wait()
        finally:
            self.open -= 1

    async def unplaced(self, _root, _info):
        self.sources += 1
        while True:
            news = self._news
            yield Number(self.newest).position
            await news.wait()

    def execute(self, event, _info, **_):
        if isinstance(event, int):
            return event
        self.executed[event.position] += 1
        return event.position

    def executor(self):
        schema = build_schema(SDL)
        fields = schema.subscription_type.fields
        fields["numbers"].subscribe, fields["numbers"].resolve = self.source, self.execute
        fields["unplaced"].subscribe, fields["unplaced"].resolve = self.unplaced, self.execute
        schema.query_type.fields["hello"].resolve = lambda *_: "hello"
        return Executor(schema, limits=Limits())
