"""Documents that are named instead of sent, at the service itself: learnt ones, and trusted ones."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256

import pytest

from embedded import free_port
from tests.client import SIGN_UP, Person
from tests.service import Service

VIEWER = "query Viewer { viewer { email } }"
BROWSER = {"Accept": "text/html"}


def named(text):
    digest = sha256(text.encode()).hexdigest()
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}}


async def answer_to(person, body):
    async with person.http.post("/graphql", json=body, headers=person.headers) as response:
        return await response.json()


async def told(person, payload):
    """What a socket says to an operation, first of all."""
    async with person.socket() as socket:
        await socket.send_json({"type": "subscribe", "id": "1", "payload": payload})
        return await socket.receive_json(timeout=30)


async def test_what_one_person_has_sent_another_may_name(ann, ben):
    text = f"query Viewer {{ me{ann.id[-4:].encode().hex()}: viewer {{ email }} }}"
    (alias,) = (word for word in text.replace(":", " ").split() if word.startswith("me"))

    unknown = await answer_to(ann, named(text))
    await answer_to(ann, {"query": text, **named(text)})
    known = await answer_to(ben, named(text))

    assert unknown["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    assert known == {"data": {alias: {"email": ben.email}}}


async def test_a_socket_knows_the_same_documents(ann):
    await answer_to(ann, {"query": VIEWER, **named(VIEWER)})

    unknown = await told(ann, named("{ nobody knows this }"))
    known = await told(ann, named(VIEWER))

    assert (unknown["type"], unknown["payload"][0]["message"]) == ("error", "PersistedQueryNotFound")
    assert known["payload"] == {"data": {"viewer": {"email": ann.email}}}


@pytest.fixture(scope="module")
def closed_service(mongo_uri, xdist_worker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trusted")
    manifest = folder / "documents.json"
    manifest.write_text(json.dumps({"viewer": VIEWER, "signUp": SIGN_UP}))
    settings = {
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": f"trusted_{xdist_worker}",
        "TRUSTED_DOCUMENTS": str(manifest),
    }
    with Service(folder, workers=0, **settings) as service:
        yield service


@pytest.fixture
async def visitor(closed_service):
    async with Person.signed_up(closed_service.url) as person:
        yield person


async def test_g9_only_trusted_documents_run(visitor):
    by_name = await answer_to(visitor, {"documentId": "viewer"})
    in_full = await answer_to(visitor, {"query": VIEWER})
    other = await answer_to(visitor, {"query": "{ viewer { id } }"})
    over_a_socket = await told(visitor, {"query": "{ viewer { id } }"})

    assert by_name == in_full == {"data": {"viewer": {"email": visitor.email}}}
    assert [error["extensions"]["code"] for error in other.get("errors", ())] == ["DOCUMENT_NOT_TRUSTED"]
    assert over_a_socket["payload"] == other["errors"]


async def test_a_browser_is_told_why_there_is_no_playground(visitor):
    async with visitor.http.get("/graphql", headers=BROWSER) as response:
        assert (response.status, "TRUSTED_DOCUMENTS" in await response.text()) == (403, True)


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ('{"old": "{ image }"}', "found the document 'old' that cannot run ("),
        ("[]", "found another form of JSON"),
        (None, "documents.json', wanted a file (No such file"),
    ],
)
def test_a_manifest_that_cannot_be_used_stops_the_start_with_one_line(service, tmp_path, manifest, said):
    path = tmp_path / "documents.json"
    if manifest:
        path.write_text(manifest)
    settings = {
        "MONGODB_URI": "mongodb://127.0.0.1:1",
        "TRUSTED_DOCUMENTS": str(path),
        "PORT": str(free_port()),
    }
    done = subprocess.run(
        [sys.executable, "-m", "cli", "serve"],
        check=False,
        env={**service.environment, **settings},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 2
    assert done.stderr.startswith("darkroom: TRUSTED_DOCUMENTS: ")
    assert (said in done.stderr, done.stderr.count("\n")) == (True, 1)
