"""G3, G11 to G15: operations that run too long, for somebody else, half, or into the log."""

from __future__ import annotations

import asyncio
import base64
import re
from contextlib import asynccontextmanager
from urllib.parse import quote

import aiohttp
import pytest

from tests import pictures
from tests.client import PASSWORD
from tests.engine.wire import Wire, part, upload_form
from tests.hostile import oracle
from tests.hostile.requests import asked

pytestmark = pytest.mark.mongo

WORK = [
    {"$set": {"a": {"$range": [0, 8_000]}, "b": {"$range": [0, 8_000]}}},
    {"$unwind": "$a"},
    {"$unwind": "$b"},
    {"$group": {"_id": "$_id", "email": {"$max": "$email"}, "n": {"$sum": "$b"}}},
]
"""Keeps MongoDB busy for a minute with one document."""

SLOW = "{ viewer { email } }"
MUTATIONS_AT_ONCE = 12
CAPTION = '%s: updateImage(input: {id: $%s, caption: "%s"}) { __typename ... on UpdateImagePayload { image { caption } } }'


@asynccontextmanager
async def slow_users(kept):
    """Whoever looks for a user waits for long."""
    await kept["users"].rename("users_kept")
    await kept.command("create", "users", viewOn="users_kept", pipeline=WORK)
    try:
        yield
    finally:
        await kept.drop_collection("users")
        await kept["users_kept"].rename("users")


async def at_work(kept):
    """What MongoDB does with users."""
    stages = [{"$currentOp": {}}, {"$match": {"ns": f"{kept.name}.users_kept"}}]
    return [found async for found in await kept.client.admin.aggregate(stages)]


async def until_at_work(kept, *, is_so):
    async with asyncio.timeout(10):
        while bool(await at_work(kept)) != is_so:  # noqa: ASYNC110 - MongoDB has no event for it
            await asyncio.sleep(0.05)


async def test_g11_a_query_that_takes_too_long_is_ended_in_mongodb_too(guarded, mallory, kept_by_guarded):
    async with oracle.unharmed(guarded), slow_users(kept_by_guarded):
        answer = await asked(mallory, SLOW)
        await until_at_work(kept_by_guarded, is_so=False)

    assert (answer.status, answer.code, answer.body["data"]) == (200, "OPERATION_TIMEOUT", None)


async def test_g11_so_it_is_over_a_socket(guarded, mallory, kept_by_guarded):
    async with oracle.unharmed(guarded), slow_users(kept_by_guarded), mallory.socket() as socket:
        await socket.send_json({"type": "subscribe", "id": "1", "payload": {"query": SLOW}})
        answer = await socket.receive_json(timeout=10)
        await until_at_work(kept_by_guarded, is_so=False)

    assert answer["payload"]["errors"][0]["extensions"]["code"] == "OPERATION_TIMEOUT"


async def test_g11_a_query_whose_client_has_left_is_ended_in_mongodb_too(service, ann, kept_by_service):
    """This service gives it thirty seconds."""
    await ann.developed(pictures.jpeg(seed=904))  # its worker is there: it would not begin beside such users
    async with oracle.unharmed(service), slow_users(kept_by_service):
        asking = asyncio.create_task(ann.execute(SLOW))
        await until_at_work(kept_by_service, is_so=True)
        asking.cancel()
        await until_at_work(kept_by_service, is_so=False)


async def test_g12_what_one_socket_has_read_it_does_not_read_again(guarded, mallory):
    image = (await mallory.upload(pictures.jpeg(seed=900)))["image"]["id"]
    query = {"query": "query ($id: ID!) { image(id: $id) { caption } }", "variables": {"id": image}}
    told = []
    async with mallory.socket() as socket:
        for caption in ("before", "after"):
            await asked(mallory, f"mutation ($id: ID!) {{ {CAPTION % ('a', 'id', caption)} }}", id=image)
            await socket.send_json({"type": "subscribe", "id": caption, "payload": query})
            told.append((await socket.receive_json(timeout=10))["payload"]["data"]["image"]["caption"])
            await socket.receive_json(timeout=10)

    assert told == ["before", "after"]


async def test_g12_two_who_ask_the_same_at_once_are_each_told_their_own(ann, ben):
    query = "{ viewer { id email } gallery { totalCount } }"

    answers = await asyncio.gather(*(person.data(query) for _ in range(20) for person in (ann, ben)))

    assert [answer["viewer"]["email"] for answer in answers] == [ann.email, ben.email] * 20


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


KINDS = ["Image", "User", "Batch", "Product", "BatchItem"]
IDS = [
    "", "garbage", "=", "===", "A" * 100_000, '{"$ne":null}', '{"$gt":""}', "\x00", "\u202e", "null", "-1", "655f00000000000000000000",
    *(encoded(f"{kind}:{key}") for kind in KINDS for key in ("655f00000000000000000000", "655f0000", "abcdefghijkl", '{"$ne":null}', "", "A" * 5_000)),
    encoded("Image"), encoded("__proto__:1"), encoded("Image:655f00000000000000000000").rstrip("="), encoded("image:655f00000000000000000000"),
]  # fmt: skip
FIELDS = "node(id: $id) { id } image(id: $id) { id } batch(id: $id) { id } product(id: $id) { id } nodes(ids: [$id]) { id }"
NOTHING = {"node": None, "image": None, "batch": None, "product": None, "nodes": [None]}
MUTATIONS = {
    "updateImage": 'updateImage(input: {id: $id, caption: "x"})',
    "deleteImage": "deleteImage(input: {id: $id})",
    "restoreImage": "restoreImage(input: {id: $id})",
    "cancelBatch": "cancelBatch(input: {id: $id})",
    "completeStagedUpload": "completeStagedUpload(input: {id: $id})",
}
STREAMS = ["imageProgress(id: $id) { sequence }", "batchProgress(id: $id) { sequence }"]


async def test_g13_ids_that_were_tampered_with_answer_as_unknown_ones(guarded, mallory):
    mutations = " ".join(f"{each} {{ __typename }}" for each in MUTATIONS.values())
    async with oracle.unharmed(guarded):
        for each in IDS:
            found = await asked(mallory, f"query ($id: ID!) {{ {FIELDS} }}", id=each)
            changed = await asked(mallory, f"mutation ($id: ID!) {{ {mutations} }}", id=each)
            assert found.body == {"data": NOTHING}, each
            assert {result["__typename"] for result in changed.body["data"].values()} == {"NotFoundError"}, (
                each
            )


@pytest.mark.parametrize("field", STREAMS)
async def test_g13_so_they_do_in_subscriptions(mallory, field):
    for each in (*IDS[:12], mallory.id):
        (answer,) = await mallory.subscribe(f"subscription ($id: ID!) {{ {field} }}", id=each)
        assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND", each


@pytest.mark.parametrize("given", [{"$ne": None}, ["x"], 1.5, True, None])
async def test_g13_what_is_no_id_is_refused(mallory, given):
    answer = await asked(mallory, "query ($id: ID!) { image(id: $id) { id } }", id=given)

    assert (answer.status, answer.code) == (400, "BAD_USER_INPUT")


async def test_g14_mutations_of_a_document_run_in_order_and_each_is_whole(mallory):
    image = (await mallory.upload(pictures.jpeg(seed=901)))["image"]["id"]
    names = [f"m{number}" for number in range(MUTATIONS_AT_ONCE)]
    changes = [CAPTION % (name, "id", f"by {name}") for name in names]
    changes.insert(1, CAPTION % ("missing", "other", "none"))

    answer = await asked(
        mallory, f"mutation ($id: ID!, $other: ID!) {{ {' '.join(changes)} }}", id=image, other=mallory.id
    )

    data = answer.body["data"]
    assert list(data) == [names[0], "missing", *names[1:]]
    assert data["missing"] == {"__typename": "NotFoundError"}
    assert [data[name]["image"]["caption"] for name in names] == [f"by {name}" for name in names]
    now = await asked(mallory, "query ($id: ID!) { image(id: $id) { caption } }", id=image)
    assert now.body["data"]["image"]["caption"] == f"by {names[-1]}"


FORGED = "x\r\n2026-01-01T00:00:00Z [error    ] forged line"
PROBE = "secret-that-is-in-no-log"


def named(filename: str) -> bytes:
    """An upload of a file of that name, as RFC 5987 has it."""
    query = "mutation ($file: Upload!) { uploadImage(input: {file: $file}) { __typename } }"
    file = part("0", pictures.jpeg(seed=902), "x").replace(
        b'filename="x"', f"filename*=UTF-8''{quote(filename)}".encode()
    )
    return upload_form(query, {"file": None}, {"0": ["variables.file"]}, file)


async def test_g15_no_client_writes_a_line_of_the_log_or_leaves_a_secret_in_it(guarded, mallory):
    begun = len(guarded.log())
    log_in = "mutation ($e: String!, $p: String!) { logIn(input: {email: $e, password: $p}) { __typename } }"
    await asked(mallory, FORGED)
    await asked(mallory, log_in, e=FORGED, p=PROBE)
    await asked(mallory, "query ($id: ID!) { image(id: $id) { id } }", id=FORGED)
    await Wire(guarded.port).upload(named(FORGED), authorization=f"Bearer {mallory.token}")
    await mallory.http.get("/images/x%0d%0a2026-01-01T00:00:00Z%20[error]%20forged%20line")
    async with mallory.http.get(
        "/graphql", params={"query": "{ viewer { id } }"}, headers={"Authorization": f"Bearer {PROBE}"}
    ) as refused:
        assert refused.status == 401
    async with mallory.http.ws_connect("/graphql", protocols=["graphql-transport-ws"]) as socket:
        await socket.send_json(
            {"type": "connection_init", "payload": {"authorization": f"Bearer {PROBE}\r\n{FORGED}"}}
        )
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE

    written = guarded.log()[begun:]
    assert not re.search(r"^2026-01-01", written, re.MULTILINE)
    for secret in (PROBE, PASSWORD, mallory.token):
        assert secret not in written
