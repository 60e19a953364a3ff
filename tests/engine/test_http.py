import json
from urllib.parse import urlencode

import pytest

RESPONSE_JSON = "application/graphql-response+json"


def address(**parameters: str) -> str:
    return "/graphql?" + urlencode(parameters)


async def test_a_query_by_post_is_answered(client):
    response = await client.query("query($n: String) { hello(name: $n) }", {"n": "Ann"})
    assert (response.status, response.json()) == (200, {"data": {"hello": "hello Ann"}})
    assert response.headers["content-type"] == "application/json; charset=utf-8"


async def test_every_answer_names_its_request(client, host):
    first, second = await client.query("{ hello }"), await client.query("{ hello }")
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert [context["request_id"] for context in host.contexts] == [
        first.headers["x-request-id"],
        second.headers["x-request-id"],
    ]


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("application/json", "application/json"),
        (RESPONSE_JSON, RESPONSE_JSON),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        (f"{RESPONSE_JSON}, application/json;q=0.9", RESPONSE_JSON),
        (f"application/json;q=0.5, {RESPONSE_JSON};q=0.8", RESPONSE_JSON),
        (f"text/html;q=0.3, {RESPONSE_JSON};q=x, application/json", "application/json"),
        (f"{RESPONSE_JSON}, application/json, text/event-stream, multipart/mixed", RESPONSE_JSON),
    ],
)
async def test_the_answer_has_the_media_type_that_is_liked_best(client, accept, answered):
    response = await client.query("{ hello }", accept=accept)
    assert response.headers["content-type"] == f"{answered}; charset=utf-8"


async def test_without_accept_the_answer_is_plain_json(client):
    response = await client.query("{")
    assert (response.status, response.headers["content-type"]) == (200, "application/json; charset=utf-8")


@pytest.mark.parametrize("accept", ["image/png", "text/html", "application/json;q=0"])
async def test_a_client_that_takes_nothing_we_have_gets_406(client, accept):
    response = await client.query("{ hello }", accept=accept)
    assert (response.status, response.code) == (406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("{", None, "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("query($n: Int!) { square(of: $n) }", {"n": "x"}, "BAD_USER_INPUT"),
        ("query a { hello } query b { hello }", None, "BAD_USER_INPUT"),
        ("{" + "deep {" * 15 + "hello" + "}" * 16, None, "QUERY_TOO_COMPLEX"),
    ],
)
async def test_an_operation_that_cannot_run_is_400_only_for_clients_that_expect_it(
    client, query, variables, code
):
    modern = await client.query(query, variables, accept=RESPONSE_JSON)
    legacy = await client.query(query, variables, accept="application/json")
    assert (modern.status, modern.code) == (400, code)
    assert (legacy.status, legacy.code) == (200, code)
    assert "data" not in modern.json()


@pytest.mark.parametrize("accept", ["application/json", RESPONSE_JSON])
async def test_an_executed_operation_is_200_whatever_its_fields_did(client, accept):
    response = await client.query("{ hello refused }", accept=accept)
    assert response.status == 200
    assert response.json()["data"] == {"hello": "hello world", "refused": None}
    assert response.code == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"1", b"null", b'"x"', b"true", b"{}", b"[]", b'[{"query": "{ hello }"}]',
        b"[" * 100_000, b'{"query":' + b"9" * 100_000 + b"}", b'{"query": "\xff"}', b'{"query": "\\ud800"}',
        b'{"query": {}}', b'{"query": 0}', b'{"query": null}', b'{"query": ["{ hello }"]}',
        b'{"query": "{ hello }", "variables": "x"}', b'{"query": "{ hello }", "variables": [1]}',
        b'{"query": "{ hello }", "variables": 0}', b'{"query": "{ hello }", "variables": false}',
        b'{"query": "{ hello }", "operationName": {}}', b'{"query": "{ hello }", "operationName": 0}',
        b'{"query": "{ hello }", "extensions": "x"}', b'{"query": "{ hello }", "extensions": []}',
    ],
)  # fmt: skip
async def test_a_body_that_is_no_graphql_request_is_400(client, body):
    response = await client.post(body)
    assert (response.status, response.code) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("name", ["variables", "operationName", "extensions"])
async def test_null_is_as_good_as_leaving_out(client, name):
    response = await client.post(json.dumps({"query": "{ hello }", name: None}).encode())
    assert response.json() == {"data": {"hello": "hello world"}}


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "",
        "application/json; charset=utf-16",
    ],
)
async def test_other_media_types_are_415(client, content_type):
    response = await client.post(b'{"query": "{ hello }"}', content_type)
    assert (response.status, response.code) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"']
)
async def test_utf8_may_be_named(client, content_type):
    response = await client.post('{"query": "{ hello(name: \\"🏃\\") }"}'.encode(), content_type)
    assert response.json() == {"data": {"hello": "hello 🏃"}}


async def test_a_compressed_body_is_415(client):
    response = await client.post(b"\x1f\x8b", content_encoding="gzip")
    assert response.status == 415


async def test_a_bad_token_is_401_before_the_body_is_looked_at(client):
    response = await client.post(b"not json", authorization="Bearer bad")
    assert (response.status, response.code) == (401, "UNAUTHENTICATED")


async def test_a_good_token_reaches_the_context_and_none_is_anonymous(client):
    known = await client.query("{ whoAmI }", authorization="Bearer ann")
    unknown = await client.query("{ whoAmI }")
    assert [known.json(), unknown.json()] == [{"data": {"whoAmI": "ann"}}, {"data": {"whoAmI": None}}]


async def test_a_json_body_above_the_limit_is_413_announced_or_not(client):
    body = b" " * (1024 * 1024 + 1)
    announced = await client.post(body)
    chunk = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    head = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    counted = await client.send(head + chunk)
    assert [announced.status, counted.status] == [413, 413]
    assert announced.code == counted.code == "PAYLOAD_TOO_LARGE"


async def test_a_body_that_stops_coming_is_408(client):
    async with client.connection() as (reader, writer):
        writer.write(
            b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{"
        )
        answer = await reader.readuntil(b"\r\n")
    assert answer == b"HTTP/1.1 408 Request Timeout\r\n"


async def test_a_query_may_come_by_get(client):
    variables = json.dumps({"n": "Ann"})
    response = await client.get(
        address(query="query q($n: String) { hello(name: $n) }", variables=variables, operationName="")
    )
    assert response.json() == {"data": {"hello": "hello Ann"}}


async def test_a_mutation_by_get_is_405_and_is_not_run(client, host):
    response = await client.get(address(query="mutation { touch }"))
    assert (response.status, response.headers["allow"], host.contexts) == (405, "POST", [])


@pytest.mark.parametrize(
    "target",
    [
        "/graphql", "/graphql?query=", address(query="{ hello }", variables="x"), address(query="{ hello }", variables="[1]"),
        address(query="{ hello }", variables='"x"'), address(query="{ hello }", extensions="0"), "/graphql?" + "a=1&" * 101,
    ],
)  # fmt: skip
async def test_an_address_that_holds_no_graphql_request_is_400(client, target):
    assert (await client.get(target)).status == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_405(client, method):
    response = await client.send(
        f"{method} /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode()
    )
    assert (response.status, response.headers["allow"]) == (405, "GET, POST")


async def test_a_connection_serves_one_request_after_the_other(client):
    body = b'{"query": "{ hello }"}'
    request = (
        b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
    )
    async with client.connection() as (reader, writer):
        for _ in range(3):
            writer.write(request % (len(body), body))
            assert await reader.readuntil(b'world"}}')


async def test_a_fault_of_ours_is_masked_and_can_be_found_by_its_id(client):
    response = await client.query("{ boom hello }")
    (error,) = response.json()["errors"]
    assert error["extensions"] == {
        "code": "INTERNAL_SERVER_ERROR",
        "requestId": response.headers["x-request-id"],
    }
    assert b"secret detail" not in response.body
    assert response.json()["data"] == {"boom": None, "hello": "hello world"}


async def test_a_fault_outside_of_the_operation_is_masked_too(client, host, monkeypatch):
    monkeypatch.setattr(host, "context", lambda *_: 1 / 0)
    response = await client.query("{ hello }")
    assert (response.status, response.code) == (500, "INTERNAL_SERVER_ERROR")
    assert b"division" not in response.body


@pytest.mark.parametrize("variables", [{"a": [1] * 10_000}, {"a": [[{}] * 100] * 100}])
async def test_no_more_values_are_taken_than_an_operation_needs(client, variables):
    response = await client.query("{ hello }", variables)

    assert response.status == 400
    assert "10,000 values" in response.json()["errors"][0]["message"]
