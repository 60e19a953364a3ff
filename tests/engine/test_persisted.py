"""Documents that clients name: learnt once they are known to be valid, found again by everybody."""

import json
from hashlib import sha256
from urllib.parse import urlencode

import orjson
import pytest

from engine.answers import Answer
from engine.documents import Operation, Prepared
from engine.http import GraphQLHTTP
from engine.limits import Limits
from engine.persisted import NO_TEXT, LearntDocuments, NamedOperation, PersistedExecutor
from tests.engine import toy
from tests.engine.conftest import BOUNDS

HELLO = "query q($n: String) { hello(name: $n) }"
MODERN = "application/graphql-response+json"
NOT_FOUND = [{"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}}]


def hashed(text):
    return sha256(text.encode()).hexdigest()


def named(text, **more):
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hashed(text)}}, **more}


@pytest.fixture
def library():
    return LearntDocuments()


@pytest.fixture
def executor(library):
    return PersistedExecutor(toy.schema(), library=library, limits=Limits())


@pytest.fixture
def graphql(host, executor):
    return GraphQLHTTP(executor, host, bounds=BOUNDS)


@pytest.fixture
def post(client):
    async def post(body, **headers):
        return await client.post(orjson.dumps(body), **headers)

    return post


@pytest.mark.parametrize(("accept", "status"), [("application/json", 200), (MODERN, 400)])
async def test_an_unknown_hash_is_answered_with_the_words_that_clients_look_for(post, accept, status):
    response = await post(named(HELLO), accept=accept)
    assert (response.status, response.json()) == (status, {"errors": NOT_FOUND})


async def test_a_document_that_came_with_its_hash_is_found_by_it(post):
    first = await post(named(HELLO, query=HELLO, variables={"n": "Ann"}))
    second = await post(named(HELLO, variables={"n": "Ben"}, operationName="q"))
    assert [first.json(), second.json()] == [
        {"data": {"hello": "hello Ann"}},
        {"data": {"hello": "hello Ben"}},
    ]


async def test_a_document_may_be_named_in_an_address(client, post):
    await post(named(HELLO, query=HELLO))
    extensions = json.dumps(named(HELLO)["extensions"])
    parameters = urlencode({"extensions": extensions, "variables": '{"n": "Ann"}'})
    assert (await client.get(f"/graphql?{parameters}")).json() == {"data": {"hello": "hello Ann"}}


async def test_a_mutation_that_is_named_in_an_address_is_405(client, post, host):
    await post(named("mutation { touch }", query="mutation { touch }"))
    host.contexts.clear()
    extensions = json.dumps(named("mutation { touch }")["extensions"])
    response = await client.get("/graphql?" + urlencode({"extensions": extensions}))
    assert (response.status, host.contexts) == (405, [])


async def test_a_stream_may_be_named(post):
    counting = "subscription { count(to: 1) }"
    unknown = await post(named(counting), accept="text/event-stream")
    await post(named(counting, query=counting))
    known = await post(named(counting), accept="text/event-stream")
    assert b"PersistedQueryNotFound" in unknown.body
    assert b'{"data":{"count":1}}' in known.body


@pytest.mark.parametrize("key", ["documentId", "doc_id", "id"])
async def test_a_document_may_be_named_by_an_id_alone(post, key):
    await post(named("{ hello }", query="{ hello }"))
    response = await post({key: f"sha256:{hashed('{ hello }')}"})
    assert response.json() == {"data": {"hello": "hello world"}}


async def test_a_hash_that_does_not_fit_poisons_nothing(post):
    response = await post(named("{ hello }", query="{ whoAmI }"), accept=MODERN)
    assert (response.status, response.code) == (400, "PERSISTED_QUERY_HASH_MISMATCH")
    assert (await post(named("{ hello }"))).json() == {"errors": NOT_FOUND}


async def test_only_the_name_itself_stands_for_a_document(post):
    await post(named("{ hello }", query="{ hello }"))
    response = await post(named("{ hello }", query=NO_TEXT + hashed("{ whoAmI }")), accept=MODERN)
    assert (response.status, response.code) == (400, "PERSISTED_QUERY_HASH_MISMATCH")


@pytest.mark.parametrize("text", ["{", "{ nothing }", "query a { hello } query b { hello }"])
async def test_a_document_that_cannot_run_is_not_remembered(post, text):
    assert "errors" in (await post(named(text, query=text))).json()
    assert (await post(named(text))).json() == {"errors": NOT_FOUND}


@pytest.mark.parametrize(
    "persisted",
    [1, {}, {"version": 2, "sha256Hash": "a"}, {"version": 1}, {"version": 1, "sha256Hash": 1}, [], "x"],
)
async def test_what_names_no_document_is_refused(post, persisted):
    response = await post({"query": "{ hello }", "extensions": {"persistedQuery": persisted}})
    assert (response.status, response.code) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    "body", [{"documentId": 1}, {"documentId": ""}, {"id": None}, {"extensions": {"a": 1}}]
)
async def test_neither_document_nor_name_is_refused(post, body):
    response = await post(body)
    assert (response.status, response.code) == (400, "BAD_REQUEST")


async def test_other_extensions_change_nothing(post):
    response = await post({"query": "{ hello }", "extensions": {"trace": True}, "documentId": "unknown"})
    assert response.json() == {"data": {"hello": "hello world"}}


def sent(text):
    return NamedOperation(text, name=hashed(text))


def is_known(executor, text):
    return isinstance(executor.prepare(NamedOperation(NO_TEXT + hashed(text), name=hashed(text))), Prepared)


@pytest.mark.parametrize(
    "bounds", [{"most": 2}, {"most_bytes": 2 * len("{ a: hello }") + 1}], ids=["in number", "in bytes"]
)
def test_what_was_not_asked_for_longest_is_forgotten(bounds):
    executor = PersistedExecutor(toy.schema(), library=LearntDocuments(**bounds), limits=Limits())
    a, b, c = (f"{{ {name}: hello }}" for name in "abc")
    executor.prepare(sent(a))
    executor.prepare(sent(b))
    assert is_known(executor, a)
    executor.prepare(sent(c))
    assert [is_known(executor, text) for text in (a, b, c)] == [True, False, True]


def test_a_text_larger_than_the_library_runs_and_is_not_kept():
    executor = PersistedExecutor(toy.schema(), library=LearntDocuments(most_bytes=4), limits=Limits())
    assert isinstance(executor.prepare(sent("{ hello }")), Prepared)
    assert not is_known(executor, "{ hello }")


def test_operations_without_their_text_are_told_apart():
    first, second = (NamedOperation(NO_TEXT + name, name=name) for name in ("a", "b"))
    assert first.query != second.query


def test_a_document_without_a_name_is_not_learnt(executor):
    executor.prepare(Operation("{ hello }"))
    assert isinstance(executor.prepare(NamedOperation("@x", name=hashed("{ hello }"))), Answer)
