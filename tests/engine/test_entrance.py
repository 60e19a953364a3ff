"""The short way to the engine and the long one through router and middleware give one answer."""

import re

import orjson
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from engine.entrance import Entrance
from tests.engine import wire

OURS = "https://ours.example"
ID = re.compile(rb"[0-9a-f]{32}")


async def body_of(request):
    return PlainTextResponse(await request.body())


@pytest.fixture
def application(graphql):
    """The engine behind router and middleware, as a service has it."""
    cors = Middleware(CORSMiddleware, allow_origins=[OURS], allow_methods=["POST"], allow_headers=["*"])
    return Starlette(
        routes=[Route("/graphql", graphql), Route("/echo", body_of, methods=["POST"])], middleware=[cors]
    )


@pytest.fixture
def entrance(graphql, application):
    return Entrance("/graphql", graphql, application)


JSON = {"content-type": "application/json"}
MODERN = {**JSON, "accept": "application/graphql-response+json"}
EVENTS = {**JSON, "accept": "text/event-stream"}
FORM = {"content-type": wire.FORM, "graphql-require-preflight": "1", "authorization": "Bearer ann"}
UPLOAD = "mutation ($file: Upload!) { upload(file: $file) { sizeBytes } }"
PICTURE = wire.upload_form(UPLOAD, {"file": None}, {"0": ["variables.file"]}, wire.part("0", b"bytes", "a"))


def asked(query, **more):
    return orjson.dumps({"query": query, **more})


REQUESTS = {
    "a query": (asked("{ hello }"), JSON),
    "a query with variables": (
        asked("query q($n: String) { hello(name: $n) }", variables={"n": "Ann"}, operationName="q"),
        MODERN,
    ),
    "a mutation": (asked("mutation { touch }"), JSON),
    "a token": (asked("{ whoAmI }"), {**JSON, "authorization": "Bearer ann"}),
    "a bad token": (asked("{ whoAmI }"), {**JSON, "authorization": "Bearer bad"}),
    "a field that fails": (asked("{ hello refused boom }"), MODERN),
    "a document that does not parse": (asked("{"), MODERN),
    "the same for an older client": (asked("{"), JSON),
    "a subscription without a stream": (asked("subscription { count(to: 2) }"), JSON),
    "a subscription": (asked("subscription { count(to: 2) }"), EVENTS),
    "a query as a stream": (asked("{ hello }"), EVENTS),
    "no JSON": (b"{", JSON),
    "no body": (b"", JSON),
    "too much": (b" " * (1024 * 1024 + 1), JSON),
    "compressed": (b"\x1f\x8b", {**JSON, "content-encoding": "gzip"}),
    "another media type": (b"hello", {"content-type": "text/plain"}),
    "nothing that it accepts": (asked("{ hello }"), {**JSON, "accept": "image/png"}),
    "an upload": (PICTURE, FORM),
    "an upload of nobody": (PICTURE, {**FORM, "authorization": ""}),
}


def as_compared(response):
    """All of an answer but what differs each time; what is never stored varies by nothing."""
    varying = {"x-request-id", "date", "vary"}
    headers = {name: value for name, value in response.headers.items() if name not in varying}
    return response.status, headers, ID.sub(b"an id", response.body)


@pytest.mark.parametrize(("body", "headers"), REQUESTS.values(), ids=REQUESTS)
async def test_both_ways_give_the_same_answer(server, stage, application, entrance, body, headers):
    answers = []
    for app in (application, entrance):
        stage.app = app
        answers.append(await server.send(written("POST", "/graphql", headers, body)))

    assert as_compared(answers[0]) == as_compared(answers[1])
    assert [ID.fullmatch(answer.headers["x-request-id"].encode()) is not None for answer in answers] == [
        True
    ] * 2
    assert ["vary" in answer.headers for answer in answers] == [True, False]


@pytest.mark.parametrize(
    ("origin", "allowed"), [(OURS, OURS), ("https://foreign.example", None)], ids=["ours", "foreign"]
)
async def test_a_page_of_another_origin_is_told_by_the_middleware(server, stage, entrance, origin, allowed):
    stage.app = entrance
    response = await server.query("{ hello }", origin=origin)

    assert response.json() == {"data": {"hello": "hello world"}}
    assert (response.headers["vary"], response.headers.get("access-control-allow-origin")) == (
        "Origin",
        allowed,
    )


async def test_a_preflight_is_answered_by_the_middleware(server, stage, entrance):
    stage.app = entrance
    asks = {"origin": OURS, "access-control-request-method": "POST"}
    response = await server.send(written("OPTIONS", "/graphql", asks))

    assert (response.status, response.headers["access-control-allow-origin"]) == (200, OURS)


async def test_every_other_address_and_method_is_the_applications(server, stage, entrance):
    stage.app = entrance
    echoed = await server.send(written("POST", "/echo", {}, b"hello"))
    queried = await server.get("/graphql?query={hello}")

    assert echoed.body == b"hello"
    assert (queried.json(), queried.headers["vary"]) == ({"data": {"hello": "hello world"}}, "Origin")


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
async def test_whatever_is_no_request_is_the_applications(graphql, kind):
    received = []

    async def application(scope, _receive, _send):
        received.append(scope["type"])

    await Entrance("/graphql", graphql, application)({"type": kind, "path": "/graphql"}, None, None)

    assert received == [kind]


def written(method, target, headers, body=b""):
    fields = {**headers, "content-length": str(len(body)), "connection": "close"}
    return wire.head(method, target, fields) + body
