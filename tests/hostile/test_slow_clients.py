"""F9, and M16: clients that drip, that are many, and that leave in the middle."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

import pytest
from pymongo import AsyncMongoClient

from tests import pictures
from tests.client import Person
from tests.engine.malformed_forms import MAP, operations, whole
from tests.engine.wire import FORM, head, part, read_response
from tests.hostile import oracle, slowness
from tests.hostile.slowness import UPLOAD

pytestmark = pytest.mark.mongo


async def test_f9_heads_that_drip_are_answered_and_hung_up_on(guarded):
    async with asyncio.timeout(30), oracle.unharmed(guarded), slowness.slow_heads(guarded) as lines:
        responses = [await read_response(line) for line in lines]

    assert {(response.status, response.code) for response in responses} == {(408, "REQUEST_TIMEOUT")}


async def test_f9_a_connection_that_asks_nothing_is_hung_up_on(guarded):
    reader, writer = await asyncio.open_connection("127.0.0.1", guarded.port)
    async with asyncio.timeout(10):
        assert await reader.read() == b""
    writer.close()


async def test_f9_a_body_that_drips_behind_its_answer_is_hung_up_on(guarded):
    """Whoever is answered before they have sent everything has as long as a head has."""
    reader, writer = await asyncio.open_connection("127.0.0.1", guarded.port)
    writer.write(head("POST", "/healthz", {"content-length": "1000000"}))
    async with asyncio.timeout(10):
        assert (await read_response(reader)).status == 405
        with suppress(ConnectionError):
            while not reader.at_eof():
                writer.write(b"x")
                with suppress(TimeoutError):
                    await asyncio.wait_for(reader.read(1), 0.2)
    writer.close()


async def test_f9_a_body_that_comes_behind_its_answer_keeps_the_connection(guarded):
    reader, writer = await asyncio.open_connection("127.0.0.1", guarded.port)
    for _ in range(2):
        writer.write(head("POST", "/healthz", {"content-length": "300000"}))
        async with asyncio.timeout(10):
            assert (await read_response(reader)).status == 405
        for _ in range(30):
            writer.write(bytes(10_000))
            await asyncio.sleep(0)
    writer.close()


async def test_f9_slow_heads_slow_subscribers_and_a_thousand_parts_hold_up_nobody(guarded, mallory):
    async with oracle.unharmed(guarded), slowness.crowd(guarded):
        took, status = await asyncio.gather(
            slowness.waits(guarded.url, 100), slowness.form_of_many_parts(guarded, mallory)
        )

    assert status == 200
    assert slowness.p99(took) < 1


PADDED = pictures.jpeg(640, 480, seed=930).ljust(1_500_000, b"x")  # much of it is stored before the last byte
BODY = whole(operations(UPLOAD), MAP, part("f", PADDED, "a.jpg"))


@pytest.mark.parametrize("rounds", [1, pytest.param(10, marks=pytest.mark.long)])
async def test_m16_who_leaves_in_the_middle_leaves_nothing_behind(guarded, mongo_uri, rounds):
    """After a first hundred, for whom MongoDB's driver opens connections that it keeps."""
    async with AsyncMongoClient(mongo_uri) as mongo, Person.signed_up(guarded.url) as person:
        kept = mongo[guarded.environment["MONGODB_DATABASE"]]
        before = await everything(kept)
        await a_hundred_who_leave(guarded, person)
        async with oracle.unharmed(guarded):
            for _ in range(rounds):
                await a_hundred_who_leave(guarded, person)
            async with asyncio.timeout(20):
                while await everything(kept) != before:  # noqa: ASYNC110 - MongoDB has no event for it
                    await asyncio.sleep(0.1)


@pytest.mark.parametrize("politely", [True, False])
async def test_m16_what_is_stored_of_half_an_upload_goes_with_who_sent_it(guarded, mongo_uri, politely):
    """Whoever leaves before anything is stored shows nothing."""
    async with AsyncMongoClient(mongo_uri) as mongo, Person.signed_up(guarded.url) as person:
        kept = mongo[guarded.environment["MONGODB_DATABASE"]]
        before = await in_storage(kept)
        async with asyncio.timeout(40):
            writer = await half_sent(guarded, person, len(BODY) - 20)
            while not (begun := await in_storage(kept) - before):  # noqa: ASYNC110 - MongoDB has no event for it
                await asyncio.sleep(0.1)
            writer.close() if politely else writer.transport.abort()
            while begun & await in_storage(kept):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.1)


async def in_storage(kept):
    """Of which objects there is any piece."""
    return {*await kept["fs.chunks"].distinct("files_id")}


async def a_hundred_who_leave(service, person):
    for _ in range(10):
        await asyncio.gather(
            *(sent_in_part(service, person, random.randrange(len(BODY) - 20)) for _ in range(10))
        )


async def everything(kept):
    """How many images, objects and pieces of objects there are."""
    names = [
        name
        for name in await kept.list_collection_names()
        if name == "images" or name.endswith((".files", ".chunks"))
    ]
    return {name: await kept[name].count_documents({}) for name in names}


async def sent_in_part(service, person, size_bytes):
    writer = await half_sent(service, person, size_bytes)
    writer.transport.abort() if random.random() < 0.5 else writer.close()


async def half_sent(service, person, size_bytes):
    _, writer = await asyncio.open_connection("127.0.0.1", service.port)
    fields = {"content-type": FORM, "x-requested-with": "fetch", "authorization": f"Bearer {person.token}"}
    writer.write(head("POST", "/graphql", {**fields, "content-length": str(len(BODY))}) + BODY[:size_bytes])
    await writer.drain()
    return writer
