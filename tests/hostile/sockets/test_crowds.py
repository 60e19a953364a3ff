"""W3 to W6, W9, W11: sockets that stay too long, do not read, are too many, or talk without end."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from contextlib import AsyncExitStack, suppress

import aiohttp
import pytest

from tests import pictures
from tests.acceptance import batches
from tests.accounts import change_password, delete_account, log_out
from tests.client import PASSWORD, PROGRESS, Person
from tests.hostile import oracle
from tests.hostile.sockets import raw
from tests.hostile.sockets.raw import PING, frame, message

pytestmark = pytest.mark.mongo

ENDLESS = {"query": "subscription { galleryChanges { kind } }"}
ENDED_WITHIN_SECONDS = 5
MOST_STREAMS, MOST_OPERATIONS = 20, 100
ENDS = {
    "log out": log_out,
    "log out everywhere": lambda person: log_out(person, everywhere=True),
    "change password": lambda person: change_password(person, PASSWORD, "another horse"),
    "delete account": delete_account,
}


def subscribe(payload: object, name: str = "1") -> bytes:
    return message("subscribe", id=name, payload=payload)


@pytest.mark.parametrize("how", ENDS)
async def test_w3_streams_end_with_the_sign_in_that_they_began_with(guarded, how):
    async with Person.signed_up(guarded.url) as person, person.socket() as socket:
        await socket.send_json({"type": "subscribe", "id": "1", "payload": ENDLESS})
        accept = {**person.headers, "Accept": "text/event-stream"}
        async with person.http.post("/graphql", json=ENDLESS, headers=accept) as stream:
            await ENDS[how](person)
            async with asyncio.timeout(ENDED_WITHIN_SECONDS):
                last_words = await stream.content.read()
                while (await socket.receive()).type is not aiohttp.WSMsgType.CLOSE:
                    pass

    assert socket.close_code == 4403
    assert b"UNAUTHENTICATED" in last_words


async def test_w3_a_token_in_a_ping_can_be_anybodys_but_is_taken_from_its_owner_alone(guarded, mallory):
    async with Person.signed_up(guarded.url) as other, raw.opened(guarded, other.token) as line:
        await line.say(message("ping", payload={"authorization": f"Bearer {mallory.token}"}))
        assert await line.ended() == 4403


CAPTIONS = " ".join(f"c{number}: caption" for number in range(15))
LARGE = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Image {{ {CAPTIONS} }} }} }}"
SLOW_ONES, PEOPLE, UNREAD = 51, 3, 100


async def well_labelled(person):
    """Asks for 60 kB, by one image, in a way that costs the service little: who does not read is let go of soon."""
    image = (await person.upload(pictures.jpeg(seed=910), caption="x" * 2_000))["image"]["id"]
    return {"query": LARGE, "variables": {"ids": [image] * 2}}


async def those_who_do_not_read(guarded, stack):
    """Sockets that have sent a hundred queries each and look at no answer."""
    people = [await stack.enter_async_context(Person.signed_up(guarded.url)) for _ in range(PEOPLE)]
    asking = [await well_labelled(person) for person in people]
    for number in range(SLOW_ONES):
        person, payload = people[number % PEOPLE], asking[number % PEOPLE]
        line = await stack.enter_async_context(raw.opened(guarded, person.token, receives=4_096))
        await line.say(*(subscribe(payload, str(name)) for name in range(UNREAD)))


async def test_w4_fifty_who_do_not_read_fill_no_memory_and_hold_up_nobody(guarded):
    """What waits for one of them is bounded: without that it would be 300 MB, of which the kernel holds a part."""
    before = oracle.Footprint.of(guarded.processes["serve"].pid)
    async with oracle.unharmed(guarded), AsyncExitStack() as stack:
        await those_who_do_not_read(guarded, stack)
        held_bytes = await held_in_the_end(guarded)

    assert held_bytes - before.memory_bytes < oracle.SPARE_BYTES


async def held_in_the_end(service):
    """How much memory, once it no longer grows."""
    held_bytes, now_bytes = 0, 1
    while now_bytes > held_bytes:
        held_bytes = now_bytes
        await asyncio.sleep(2)
        now_bytes = oracle.Footprint.of(service.processes["serve"].pid).memory_bytes
    return held_bytes


@pytest.mark.long
@pytest.mark.timeout(240)
async def test_w4_who_does_not_read_is_let_go_within_a_minute(guarded):
    before = oracle.Footprint.of(guarded.processes["serve"].pid)
    async with AsyncExitStack() as stack, asyncio.timeout(120):
        await those_who_do_not_read(guarded, stack)
        await asyncio.sleep(60)
        assert oracle.Footprint.of(guarded.processes["serve"].pid).fits(before)


async def test_w5_two_hundred_operations_on_a_socket_are_a_hundred(guarded, mallory):
    async with oracle.unharmed(guarded), mallory.socket() as socket:
        for number in range(2 * MOST_OPERATIONS):
            await socket.send_json({"type": "subscribe", "id": str(number), "payload": ENDLESS})
        refused = [await socket.receive_json(timeout=10) for _ in range(MOST_OPERATIONS)]

        assert {answer["payload"][0]["extensions"]["code"] for answer in refused} == {"RATE_LIMITED"}


async def test_w5_one_user_has_so_many_sockets_and_streams_and_others_have_theirs(guarded, mallory):
    async with oracle.unharmed(guarded), AsyncExitStack() as stack:
        person = await stack.enter_async_context(Person.signed_up(guarded.url))
        for _ in range(MOST_STREAMS - 1):
            await stack.enter_async_context(raw.opened(guarded, person.token))
        accept = {**person.headers, "Accept": "text/event-stream"}
        stream = await person.http.post("/graphql", json=ENDLESS, headers=accept)
        assert await said_to_one_more(guarded, person) == 4429
        async with person.http.post("/graphql", json=ENDLESS, headers=accept) as refused:
            assert (refused.status, "RATE_LIMITED" in await refused.text()) == (429, True)
        async with mallory.socket():
            pass
        stream.close()
        async with asyncio.timeout(10):
            while await said_to_one_more(guarded, person) == 4429:
                pass


async def said_to_one_more(guarded, person):
    """The code that a further socket ends with, if it does; else the kind of what it hears."""
    async with raw.opened(guarded) as line:
        await line.say(message("connection_init", payload={"authorization": f"Bearer {person.token}"}))
        opcode, content = await line.heard()
        return int.from_bytes(content[:2]) if opcode == raw.CLOSE else json.loads(content)["type"]


async def test_w5_who_is_not_signed_in_counts_by_address(guarded):
    async with AsyncExitStack() as stack:
        for _ in range(MOST_STREAMS):
            line = await stack.enter_async_context(raw.opened(guarded))
            await line.say(message("connection_init"))
            assert b"connection_ack" in (await line.heard())[1]
        one_more = await stack.enter_async_context(raw.opened(guarded))
        await one_more.say(message("connection_init"))
        assert await one_more.ended() == 4429


FLOODS = {
    "pings of the protocol": message("ping"),
    "pongs": message("pong"),
    "completions of nothing": message("complete", id="x"),
    "queries": subscribe({"query": "{ __typename }"}),
}


@pytest.mark.parametrize("kind", FLOODS)
async def test_w6_a_flood_of_messages_holds_up_nobody(guarded, mallory, kind):
    async with oracle.unharmed(guarded), AsyncExitStack() as stack:
        lines = [await stack.enter_async_context(raw.opened(guarded, mallory.token)) for _ in range(5)]
        for line in lines:
            line.writer.write(FLOODS[kind] * 20_000)
        await asyncio.sleep(2)


async def test_w6_a_thousand_messages_a_second_are_read(guarded, mallory):
    answers, clock = 0, asyncio.get_running_loop().time
    async with raw.opened(guarded, mallory.token) as line:
        began = clock()
        line.writer.write(message("ping") * 20_000)
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                while await line.heard():
                    answers += 1
        took_seconds = clock() - began

    assert answers <= 1_000 * (1 + took_seconds)  # after a burst of as many


async def test_w6_a_flood_of_control_frames_ends_the_socket(guarded, mallory):
    async with oracle.unharmed(guarded):
        for content in (b"", b"x" * 125):
            async with raw.opened(guarded, mallory.token) as line:
                line.writer.write(frame(PING, content) * 50_000)
                assert await line.ended() == 1008


@pytest.mark.long
async def test_w6_who_answers_no_ping_is_gone_within_a_minute(guarded, mallory):
    async with raw.opened(guarded, mallory.token) as line, asyncio.timeout(60):
        while (await line.heard())[0] != raw.CLOSE:
            pass


@pytest.mark.parametrize("kind", ["image", "batch"])
async def test_w9_anothers_things_are_not_found_by_a_subscription(ann, ben, kind):
    theirs = {
        "image": (await ann.upload(pictures.jpeg(seed=911)))["image"]["id"],
        "batch": (await batches.created(ann, "1,Lamp,http://127.0.0.1:9/a.jpg"))["id"],
    }

    told = await ben.subscribe(
        f"subscription ($id: ID!) {{ {kind}Progress(id: $id) {{ sequence }} }}", id=theirs[kind]
    )

    assert [answer.get("data") for answer in told] == [None]
    assert [error["extensions"]["code"] for error in told[0]["errors"]] == ["NOT_FOUND"]


async def test_w11_nothing_follows_a_completion(guarded, mallory):
    """What is told to another operation of the same kind is not told to the one that was completed."""
    heard = []
    async with mallory.socket() as socket:
        for name in ("completed", "other"):
            await socket.send_json({"type": "subscribe", "id": name, "payload": ENDLESS})
        await socket.send_json({"type": "complete", "id": "completed"})
        await mallory.upload(pictures.jpeg(seed=secrets.randbelow(10**6)))
        while "other" not in heard:
            heard.append((await socket.receive_json(timeout=10))["id"])
        await socket.send_json({"type": "ping"})
        while (told := await socket.receive_json(timeout=10)) != {"type": "pong"}:
            heard.append(told["id"])

    assert set(heard) == {"other"}


@pytest.mark.parametrize("count", [200, pytest.param(1_000, marks=pytest.mark.long)])
async def test_w11_nothing_is_left_of_sockets_that_were_dropped(guarded, mallory, count):
    async with oracle.unharmed(guarded):
        for _ in range(count):
            async with raw.opened(guarded, mallory.token) as line:
                await line.say(
                    subscribe(ENDLESS), subscribe({"query": PROGRESS, "variables": {"id": "x"}}, "2")
                )
    async with asyncio.timeout(60):
        while await open_sockets(mallory):
            pass


async def open_sockets(client):
    async with client.http.get("/metrics") as response:
        found = re.search(r"^darkroom_sockets (\d+)", await response.text(), re.MULTILINE)
    return int(found[1])
