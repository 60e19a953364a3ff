"""G4, G9, G10, F4, F13, F14: requests that are no GraphQL, or that somebody else's page has sent."""

from __future__ import annotations

import io
import json

import pytest

from tests.client import PASSWORD
from tests.engine.wire import Wire, head
from tests.hostile import oracle
from tests.hostile.requests import MODERN, asked, sent

pytestmark = pytest.mark.mongo

SIGN_UP = f'mutation {{ signUp(input: {{email: "%s", password: "{PASSWORD}"}}) {{ __typename }} }}'
HARMLESS = {"query": "{ __typename }"}
JSON = {"Content-Type": "application/json"}

NO_REQUESTS = {
    "number": b"1", "null": b"null", "string": b'"x"', "true": b"true", "nothing": b"", "list": b"[]", "open": b"{",
    "100,000 deep": b"[" * 100_000, "100,000 digits": b"9" * 100_000, "not UTF-8": b'{"query": "\xff"}', "a lone surrogate": b'{"query": "\\ud800"}',
    "UTF-16": '{"query": "{ __typename }"}'.encode("utf-16"), "two documents": b"{}{}", "query null": b'{"query": null}',
    "query a list": b'{"query": ["{ __typename }"]}', "variables a list": b'{"query": "{ __typename }", "variables": [1]}',
    "variables a string": b'{"query": "{ __typename }", "variables": "{}"}', "extensions a number": b'{"query": "{ __typename }", "extensions": 1}',
    "operationName a number": b'{"query": "{ __typename }", "operationName": 1}', "no such operation": b'{"query": "query a { __typename }", "operationName": "b"}',
    "NaN": b'{"query": "{ __typename }", "variables": {"a": NaN}}', "20,000 values": json.dumps({**HARMLESS, "variables": {"a": [0] * 20_000}}).encode(),
    "no document": b'{"query": ""}', "only a comment": b'{"query": "#"}', "a NUL": b'{"query": "{ \\u0000 }"}',
}  # fmt: skip


async def test_f4_bodies_that_are_no_request_are_400(guarded, mallory):
    async with oracle.unharmed(guarded):
        for name, body in NO_REQUESTS.items():
            answer = await sent(mallory, data=body, headers=JSON)
            assert answer.status == 400, name
            assert "data" not in answer.body


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "zstd", "compress", "gzip, gzip"])
async def test_f4_compressed_bodies_are_415(mallory, encoding):
    answer = await sent(mallory, data=b"\x1f\x8b", headers={**JSON, "Content-Encoding": encoding})

    assert answer.status == 415


async def test_f4_a_body_of_16_mebibytes_is_413(guarded, mallory):
    async with oracle.unharmed(guarded):
        answer = await sent(mallory, data=io.BytesIO(b" " * 2**24), headers=JSON)

    assert (answer.status, answer.code) == (413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize("count", [1, 10, 1_000])
async def test_g4_operations_in_a_list_are_refused(mallory, count):
    answer = await sent(mallory, json=[HARMLESS] * count)

    assert (answer.status, answer.code) == (400, "BAD_REQUEST")


async def test_g9_a_document_cannot_be_learnt_under_anothers_hash(mallory):
    good, evil = "{ viewer { id } }", "{ viewer { email } }"
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}

    unknown = await sent(mallory, json={"extensions": extensions})
    poisoned = await sent(mallory, json={"query": evil, "extensions": extensions})
    still_unknown = await sent(mallory, json={"extensions": extensions})

    assert (unknown.status, unknown.code) == (400, "PERSISTED_QUERY_NOT_FOUND")
    assert (poisoned.status, poisoned.code) == (400, "PERSISTED_QUERY_HASH_MISMATCH")
    assert still_unknown.code == unknown.code
    assert (await asked(mallory, good)).status == 200


FORMS = {
    "text": ("POST", {"Content-Type": "text/plain"}, 415),
    "no type": ("POST", {"Content-Type": ""}, 415),
    "a form": ("POST", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
    "a form with files": ("POST", {"Content-Type": "multipart/form-data; boundary=x"}, 400),
    "GraphQL itself": ("POST", {"Content-Type": "application/graphql"}, 415),
    "UTF-7": ("POST", {"Content-Type": "application/json; charset=utf-7"}, 415),
    "PUT": ("PUT", JSON, 405),
    "DELETE": ("DELETE", JSON, 405),
}


@pytest.mark.parametrize("name", FORMS)
async def test_g10_what_a_page_of_another_site_can_send_executes_nothing(mallory, kept_by_guarded, name):
    method, headers, status = FORMS[name]
    email = f"{name.replace(' ', '-').lower()}@example.com"

    answer = await sent(
        mallory, method, data=json.dumps({"query": SIGN_UP % email}).encode(), headers=headers
    )

    assert answer.status == status
    assert status != 400 or answer.code == "CSRF_PREVENTION"
    assert await kept_by_guarded["users"].count_documents({"email": email}) == 0


@pytest.mark.parametrize(
    "accept", ["*/*", "text/event-stream", "application/json", "multipart/mixed; deferSpec=20220824, */*"]
)
async def test_g10_a_mutation_by_get_is_405_and_executes_nothing(mallory, kept_by_guarded, accept):
    headers = {"Accept": accept}

    answer = await sent(mallory, "GET", params={"query": SIGN_UP % "got@example.com"}, headers=headers)

    assert answer.status == 405
    assert await kept_by_guarded["users"].count_documents({"email": "got@example.com"}) == 0


@pytest.mark.parametrize("directive", ["@defer", '@defer(label: "x")'])
async def test_g10_what_is_to_come_later_is_refused_by_get(mallory, directive):
    answer = await sent(mallory, "GET", params={"query": f"{{ ... {directive} {{ __typename }} }}"})

    assert (answer.status, answer.code) == (400, "GRAPHQL_VALIDATION_FAILED")


async def test_f13_a_document_error_is_400_only_for_those_who_expect_that(mallory):
    for accept, status in ((MODERN["Accept"], 400), ("application/json", 200), ("*/*", 200)):
        headers = {"Accept": accept}
        async with mallory.http.post("/graphql", json={"query": "{"}, headers=headers) as response:
            assert (response.status, "data" in await response.json()) == (status, False)


async def test_f14_the_address_leads_nowhere_else(mallory):
    for path, status in (("/graphql", 200), ("/graphql/", 404)):
        async with mallory.http.post(path, json=HARMLESS, allow_redirects=False) as response:
            assert response.status == status


BROKEN_FRAMINGS = [
    {"content-length": "-1"}, {"content-length": "1e18"}, {"content-length": "9" * 30}, {"content-length": "0x10"},
    {"content-length": "5", "transfer-encoding": "chunked"}, {"transfer-encoding": "chunked, identity"}, {"transfer-encoding": "xchunked"},
    {"x" * 70_000: "x"}, {"x": "y" * 300_000}, {f"h{n}": "x" for n in range(300)}, {"x\x00": "y"}, {"x": "a\x00b"},
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(BROKEN_FRAMINGS)))
async def test_f4_broken_heads_and_framings_are_refused_in_graphqls_own_shape(guarded, number):
    request = head("POST", "/graphql", {**JSON, **BROKEN_FRAMINGS[number]}) + b"zz\r\nx\r\n"

    async with oracle.others_are_served(guarded.url):
        response = await Wire(guarded.port).send(request)

    assert response.status in {400, 431}
    assert response.code in {"BAD_REQUEST", "PAYLOAD_TOO_LARGE"}
