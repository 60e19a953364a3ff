"""Clients that are slow on purpose, many at once, and how long a healthy one waits meanwhile."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp

from tests import pictures
from tests.client import Person
from tests.engine.malformed_forms import MAP, operations, whole
from tests.engine.wire import Wire, part
from tests.hostile.sockets import raw
from tests.service import Service

SLOW_HEADS, SLOW_SUBSCRIBERS, PARTS = 30, 64, 1_000
UPLOAD = "mutation ($file: Upload!) { uploadImage(input: {file: $file}) { __typename } }"
ENDLESS = {"query": "subscription { galleryChanges { kind image { id filename caption } } }"}
ASK_EVERY_SECONDS = 0.02
CHANGE_EVERY_SECONDS = 0.1
PEOPLE = 4


@asynccontextmanager
async def slow_heads(service: Service, count: int = SLOW_HEADS) -> AsyncIterator[list[asyncio.StreamReader]]:
    """Connections on which a head comes a byte at a time, and never to its end."""
    lines = [await asyncio.open_connection("127.0.0.1", service.port) for _ in range(count)]
    async with asyncio.TaskGroup() as tasks:
        dripping = tasks.create_task(_drip([writer for _, writer in lines]))
        yield [reader for reader, _ in lines]
        dripping.cancel()
        for _, writer in lines:
            writer.transport.abort()


async def _drip(writers: list[asyncio.StreamWriter]) -> None:
    while True:
        for writer in writers:
            if not writer.transport.is_closing():
                writer.write(b"GET / HTTP/1.1\r\nx: ")
        await asyncio.sleep(0.2)


@asynccontextmanager
async def slow_subscribers(service: Service, people: list[Person]) -> AsyncIterator[None]:
    """Sockets that subscribe to what these people change, and read nothing."""
    async with AsyncExitStack() as stack:
        for number in range(SLOW_SUBSCRIBERS):
            token = people[number % len(people)].token
            line = await stack.enter_async_context(raw.opened(service, token, receives=4_096))
            await line.say(raw.message("subscribe", id="1", payload=ENDLESS))
        yield


@asynccontextmanager
async def crowd(service: Service) -> AsyncIterator[list[Person]]:
    """All of them at once, while those whom the subscribers watch go on changing what they have: who these are."""
    async with AsyncExitStack() as stack:
        people = [await stack.enter_async_context(Person.signed_up(service.url)) for _ in range(PEOPLE)]
        images = [(await person.upload(pictures.jpeg(seed=940)))["image"]["id"] for person in people]
        await stack.enter_async_context(slow_heads(service))
        await stack.enter_async_context(slow_subscribers(service, people))
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        changing = [tasks.create_task(_change(*each)) for each in zip(people, images, strict=True)]
        yield people
        for task in changing:
            task.cancel()


async def _change(person: Person, image: str) -> None:
    query = "mutation ($id: ID!, $to: String!) { updateImage(input: {id: $id, caption: $to}) { __typename } }"
    for number in itertools.count():
        await person.data(query, id=image, to=str(number).ljust(2_000, "x"))
        await asyncio.sleep(CHANGE_EVERY_SECONDS)


async def form_of_many_parts(service: Service, person: Person) -> int:
    """Sends an upload among a thousand parts that nobody asked for: its status."""
    parts = [part(f"p{number}", b"x" * 1_000, "a.jpg") for number in range(PARTS)]
    body = whole(operations(UPLOAD), MAP, *parts, part("f", b"x", "a.jpg"))
    response = await Wire(service.port).upload(body, authorization=f"Bearer {person.token}")
    return response.status


async def waits(url: str, asks: int) -> list[float]:
    """How many seconds each of so many healthy requests took, one after the other."""
    took = []
    async with aiohttp.ClientSession(base_url=url) as healthy:
        for _ in range(asks):
            began = time.perf_counter()
            async with healthy.post("/graphql", json={"query": "{ __typename }"}) as response:
                await response.read()
            took.append(time.perf_counter() - began)
            await asyncio.sleep(ASK_EVERY_SECONDS)
    return took


def p99(seconds: list[float]) -> float:
    """What all but one of a hundred stay below."""
    return statistics.quantiles(seconds, n=100)[98]
