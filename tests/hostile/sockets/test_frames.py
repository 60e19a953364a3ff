"""W1, W2, W7 and F10 to F12: sockets that do not keep to the protocol end with the code that says why."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from tests.engine.sockets.malformed import MALFORMED
from tests.hostile import oracle
from tests.hostile.sockets import raw
from tests.hostile.sockets.raw import BINARY, CLOSE, PING, TEXT, frame, message

pytestmark = pytest.mark.mongo

INIT = message("connection_init")
HELLO = {"query": "{ __typename }"}
ENDLESS = {"query": "subscription { galleryChanges { kind } }"}


def subscribe(payload: object, name: str = "1") -> bytes:
    return message("subscribe", id=name, payload=payload)


BROKEN_RULES = {
    "a bad token": ([message("connection_init", payload={"authorization": "Bearer x"})], 4403),
    "a token of another scheme": ([message("connection_init", payload={"authorization": "Basic x"})], 4403),
    "an operation before init": ([subscribe(HELLO)], 4401),
    "a token before init": ([message("ping", payload={"authorization": "Bearer x"})], 4401),
    "init twice": ([INIT, INIT], 4429),
    "init twice, the second with a bad token": ([INIT, message("connection_init", payload={"authorization": "Bearer x"})], 4429),
    "a fresh token for nobody": ([INIT, message("ping", payload={"authorization": "Bearer x"})], 4403),
}  # fmt: skip
BROKEN_FRAMES = {
    "16 MiB announced": (frame(TEXT, announced=2**24), {1009}),
    "2**62 bytes announced": (frame(TEXT, announced=2**62), {1009}),
    "reserved bits": (frame(TEXT, b"{}", flags=0xF0), {1002}),
    "an unknown opcode": (frame(0x3, b"x"), {1002}),
    "an unknown control frame": (frame(0xB, b"x"), {1002}),
    "a ping in parts": (frame(PING, b"x", flags=0), {1002}),
    "a ping of 126 bytes": (frame(PING, b"x" * 126), {1002}),
    "a continuation of nothing": (frame(0x0, b"x"), {1002}),
    "a text within a text": (frame(TEXT, b"{", flags=0) + frame(TEXT, b"}"), {1002}),
    "without a mask": (bytes([0x81, 2]) + b"{}", {1002}),
    "not UTF-8": (frame(TEXT, b"\xff\xfe"), {1007}),
    "not UTF-8 in parts": (frame(TEXT, b"\xff", flags=0) + frame(0x0, b"\xfe"), {1007}),
    "half a character": (frame(TEXT, b"\xe2\x82"), {1007}),
    "binary": (frame(BINARY, b"{}"), {4400}),
    "nothing in binary": (frame(BINARY), {4400}),
    "a close of one byte": (frame(CLOSE, b"x"), {1002}),
    "a close with a code that nobody may send": (frame(CLOSE, (1006).to_bytes(2)), {1002}),
    "parts of more than a frame": (frame(TEXT, b" " * 2**19, flags=0) + 3 * frame(0x0, b" " * 2**19, flags=0), {1009}),
}  # fmt: skip


async def test_w1_broken_rules_end_a_socket_with_their_code(guarded):
    async with oracle.unharmed(guarded):
        for name, (frames, code) in BROKEN_RULES.items():
            async with raw.opened(guarded) as line:
                await line.say(*frames)
                assert await line.ended() == code, name


async def test_w1_a_name_that_is_in_use_ends_the_socket(guarded, mallory):
    async with raw.opened(guarded, mallory.token) as line:
        await line.say(subscribe(ENDLESS), subscribe(HELLO))
        assert await line.ended() == 4409


@pytest.mark.long
async def test_w1_who_says_nothing_is_let_go(guarded):
    """Ten seconds after it has come."""
    async with oracle.unharmed(guarded), raw.opened(guarded) as line:
        async with asyncio.timeout(15):
            assert (await line.heard())[1][:2] == (4408).to_bytes(2)


@pytest.mark.parametrize("says_who", [False, True], ids=["before init", "after init"])
async def test_w2_malformed_messages_end_a_socket_with_4400(guarded, mallory, says_who):
    async with oracle.unharmed(guarded):
        for name, text in MALFORMED.items():
            content = frame(TEXT, text.encode()) if isinstance(text, str) else frame(BINARY, text)
            async with raw.opened(guarded, mallory.token if says_who else None) as line:
                await line.say(content)
                assert await line.ended() == 4400, name


async def test_w2_broken_frames_end_a_socket_and_never_without_a_code(guarded, mallory):
    async with oracle.unharmed(guarded):
        for name, (content, codes) in BROKEN_FRAMES.items():
            async with raw.opened(guarded, mallory.token) as line:
                await line.say(content)
                assert await line.ended() in codes, name


@pytest.mark.parametrize(
    ("offered", "code"),
    [("graphql-ws", 4406), ("graphql-transport-ws2", 4406), (None, 4406), ("x, graphql-ws", 4406)],
)
async def test_f12_no_other_protocol_is_spoken(guarded, offered, code):
    async with aiohttp.ClientSession(base_url=guarded.url) as session:
        headers = {"Sec-WebSocket-Protocol": offered} if offered else {}
        async with session.ws_connect("/graphql", headers=headers) as socket:
            await socket.receive(timeout=10)
    assert socket.close_code == code


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://127.0.0.1.evil.example", "file://", "http://127.0.0.1:1", ""],
)
async def test_w7_pages_of_other_origins_are_turned_away_with_or_without_cookies(guarded, mallory, origin):
    for headers in ({"Origin": origin}, {"Origin": origin, "Cookie": f"token={mallory.token}"}):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await mallory.http.ws_connect("/graphql", protocols=["graphql-transport-ws"], headers=headers)
        assert refused.value.status == 403


TOO_MUCH = {
    "too deep": ("{ a" * 20 + " }" * 20, "QUERY_TOO_COMPLEX"),
    "too many aliases": ("{ " + " ".join(f"a{n}: __typename" for n in range(31)) + " }", "QUERY_TOO_COMPLEX"),
    "too many tokens": ("{ " + "a " * 5_000 + "}", "QUERY_TOO_COMPLEX"),
    "too dear": ("{ " + " ".join(f"a{n}: gallery(first: 100) {{ nodes {{ variants {{ url }} }} }}" for n in range(20)) + " }", "QUERY_TOO_COMPLEX"),
    "the schema": ("{ __schema { types { name } } }", "GRAPHQL_VALIDATION_FAILED"),
    "a file that is a string": ('mutation { uploadImage(input: {file: "x"}) { __typename } }', "GRAPHQL_VALIDATION_FAILED"),
}  # fmt: skip


async def test_w8_the_limits_of_requests_hold_on_sockets(guarded, mallory):
    async with oracle.unharmed(guarded), mallory.socket() as socket:
        for name, (query, code) in TOO_MUCH.items():
            await socket.send_json({"type": "subscribe", "id": name, "payload": {"query": query}})
            answer = await socket.receive_json(timeout=10)
            assert (answer["type"], answer["payload"][0]["extensions"]["code"]) == ("error", code), name


@pytest.mark.parametrize("file", ["x", {"filename": "x"}, 1, [], None])
async def test_w8_no_variable_of_a_socket_is_a_file(mallory, file):
    query = "mutation ($file: Upload!) { uploadImage(input: {file: $file}) { __typename } }"
    async with mallory.socket() as socket:
        await socket.send_json(
            {"type": "subscribe", "id": "1", "payload": {"query": query, "variables": {"file": file}}}
        )
        answer = await socket.receive_json(timeout=10)

    assert answer["type"] == "error"
    assert json.dumps(answer).count("BAD_USER_INPUT") == 1
