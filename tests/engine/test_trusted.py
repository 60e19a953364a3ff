"""Only the documents of a manifest run."""

from hashlib import sha1, sha256

import orjson
import pytest

from engine.http import GraphQLHTTP
from engine.limits import Limits
from engine.persisted import PersistedExecutor
from engine.trusted import InvalidManifestError, TrustedDocuments
from tests.engine import toy
from tests.engine.conftest import BOUNDS

HELLO, TOUCH = "query Hello { hello }", "mutation Touch { touch }"
HASH = sha256(HELLO.encode()).hexdigest()
OLD_HASH = sha1(HELLO.encode(), usedforsecurity=False).hexdigest()
APOLLO = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [
        {"id": HASH, "body": HELLO, "name": "Hello", "type": "query"},
        {"id": "touch", "body": TOUCH, "name": "Touch", "type": "mutation"},
    ],
}
MANIFESTS = {
    "flat": {HASH: HELLO, "touch": TOUCH},
    "with prefixes": {f"sha256:{HASH}": HELLO, "touch": TOUCH},
    "with other hashes": {OLD_HASH: HELLO, "touch": TOUCH},
    "of Apollo": APOLLO,
}


def executor_for(manifest):
    library = TrustedDocuments(orjson.dumps(manifest))
    executor = PersistedExecutor(toy.schema(), library=library, limits=Limits())
    library.check(executor.prepare)
    return executor


@pytest.fixture(params=MANIFESTS.values(), ids=MANIFESTS)
def graphql(request, host):
    return GraphQLHTTP(executor_for(request.param), host, bounds=BOUNDS)


@pytest.mark.parametrize(
    "body",
    [
        {"documentId": HASH}, {"documentId": f"sha256:{HASH}"}, {"id": HASH}, {"doc_id": HASH}, {"query": HELLO},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": HASH}}},
        {"query": HELLO, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": HASH}}},
    ],
)  # fmt: skip
async def test_a_trusted_document_runs_by_name_or_in_full(client, body):
    response = await client.post(orjson.dumps(body))
    assert response.json() == {"data": {"hello": "hello world"}}


@pytest.mark.parametrize(
    "body",
    [
        {"query": "{ hello }"}, {"query": HELLO + " "}, {"query": "{"}, {"documentId": "unknown"}, {"query": "@touch"},
        {"query": "{ hello }", "documentId": HASH},
        {"query": "{ hello }", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": HASH}}},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "a" * 64}}},
    ],
)  # fmt: skip
async def test_everything_else_is_told_what_to_do(client, body):
    response = await client.post(orjson.dumps(body), accept="application/graphql-response+json")
    assert (response.status, response.code) == (400, "DOCUMENT_NOT_TRUSTED")
    assert "data" not in response.json()
    assert "documentId" in response.json()["errors"][0]["message"]


async def test_a_trusted_mutation_runs_by_post_alone(client):
    assert (await client.post(b'{"documentId": "touch"}')).json() == {"data": {"touch": True}}
    assert (await client.get("/graphql?documentId=touch")).status == 405


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ({"good": HELLO, "bad": "{ nothing }"}, "'bad'.*nothing"),
        ({"torn": "{"}, "'torn'.*Syntax Error"),
        ({"two": "query a { hello } query b { hello }"}, "'two'.*several operations"),
        ({"empty": ""}, "'empty'"),
    ],
)
def test_a_document_that_cannot_run_is_named(manifest, said):
    with pytest.raises(InvalidManifestError, match=said) as raised:
        executor_for(manifest)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "manifest",
    [
        b"", b"{", b"[]", b"1", b'{"a": 1}', b'{"a": {"body": "{ hello }"}}',
        orjson.dumps({**APOLLO, "operations": None}), orjson.dumps({**APOLLO, "operations": [{"id": "a"}]}),
    ],
)  # fmt: skip
def test_what_is_no_manifest_is_refused(manifest):
    with pytest.raises(InvalidManifestError, match="wanted"):
        TrustedDocuments(manifest)
