"""Every route of the web process, to nobody: what it says without a signature, and to methods that it has not."""

from __future__ import annotations

import ast

import aiohttp
import pytest

from tests.hostile import oracle
from tests.service import ROOT, Service

NOWHERE = "6b0000000000000000000000"
OPEN = {
    "/": 200,
    "/assets/{name}": 404,
    "/graphql": 400,
    "/playground/{name}": 404,
    "/metrics": 200,
    "/healthz": 200,
    "/readyz": 200,
}
"""What tells nothing of anybody's, and what a request without a query is answered."""

SIGNED = {
    "/images/{image_id}/{version}/{name}": "GET",
    "/staged/{stage_id}": "PUT",
    "/batches/{batch_id}/{name}": "GET",
}
"""What opens to a signature alone, and the method that it is for."""


def published():
    """The path of each route, wherever it is made."""
    rooms = [path.parent for path in ROOT.glob("*/__init__.py")]
    files = [*ROOT.glob("*.py"), *(path for room in rooms for path in room.glob("**/*.py"))]
    calls = (
        node for path in files for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)
    )
    names = {"Route", "WebSocketRoute", "Mount"}
    found = [call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id in names]
    return {"/graphql" if isinstance(path, ast.Name) else ast.literal_eval(path) for path in found}


def test_r10_every_route_is_tried():
    assert published() == OPEN.keys() | SIGNED.keys()


@pytest.mark.parametrize("path", SIGNED)
async def test_r10_without_a_signature_nothing_is_looked_up(nobody, ann, path):
    where = path
    for part in ("{image_id}", "{version}", "{name}", "{stage_id}", "{batch_id}"):
        where = where.replace(part, NOWHERE)
    for query in ("", "?expires=9999999999", "?expires=0&signature=", "?signature=x&expires=0"):
        for headers in ({}, ann.person.headers):
            async with nobody.http.request(SIGNED[path], where + query, headers=headers) as response:
                assert (response.status, "expired or was changed" in await response.text()) == (403, True)


@pytest.mark.parametrize("path", OPEN)
async def test_r10_what_is_open_tells_nothing_of_anybody(ground, nobody, path):
    where = path.replace("{name}", "..%2f..%2fauth.py")
    async with nobody.http.get(where, headers={"Accept": "application/json"}) as response:
        body = await response.text()

    assert response.status in (OPEN[path], 404 if "{name}" in path else OPEN[path])
    for owner in (ground.ann, ground.ben):
        assert [trace for trace in await ground.traces(owner) if trace in body] == []
    assert oracle.says_nothing_of_the_inside(body)


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz", "/playground/icon.svg"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_r10_what_is_open_is_open_for_reading(nobody, path, method):
    async with nobody.http.request(method, path) as response:
        assert response.status == 405


@pytest.mark.parametrize(
    "sent", ["", "Bearer", "Bearer x", "Bearer a token ", "Basic YTp0b2tlbg==", "Bearer a tokenx"]
)
async def test_r10_a_token_of_the_metrics_is_asked_for_whole(guarded, sent):
    async with (
        aiohttp.ClientSession() as http,
        http.get(guarded, headers={"Authorization": sent}) as response,
    ):
        assert (response.status, await response.text()) == (401, "Send the METRICS_TOKEN.\n")


@pytest.fixture(scope="module")
def guarded(mongo_uri, xdist_worker, tmp_path_factory):
    """The metrics of a service that has a token for them."""
    settings = {
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": f"rights_{xdist_worker}",
        "METRICS_TOKEN": "a token",
    }
    with Service(tmp_path_factory.mktemp("metrics"), workers=0, **settings) as service:
        yield f"{service.url}/metrics"
