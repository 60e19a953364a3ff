"""Tokens that nobody should believe: each is refused in the same words, wherever a token can be given."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time

import jwt
import pytest

from tests.accounts import log_out, refresh
from tests.client import PROTOCOL, Client
from tests.hostile import oracle

PUBLIC_KEY = """-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9
q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==
-----END PUBLIC KEY-----
"""
OURS = {"alg": "HS256", "typ": "JWT"}
FAR = 10**10


def encoded(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def jws(header, payload, key, digest=hashlib.sha256):
    """A token as it is written, whatever a library would say of it."""
    parts = f"{encoded(json.dumps(header).encode())}.{encoded(payload.encode())}"
    return f"{parts}.{encoded(hmac.digest(key.encode(), parts.encode(), digest))}"


def headed(key=None, **header):
    """The right claims under another header, signed with the service's own secret unless another key is given."""
    return lambda secret, claims: jws({**OURS, **header}, json.dumps(claims), secret if key is None else key)


def unsigned(algorithm):
    return lambda _, claims: jws({**OURS, "alg": algorithm}, json.dumps(claims), "").rpartition(".")[0] + "."


def claiming(**changes):
    """Other claims, signed with the service's own secret; None leaves one out."""
    return lambda secret, claims: jws(
        OURS, json.dumps({n: v for n, v in {**claims, **changes}.items() if v is not None}), secret
    )


def written(change):
    """The claims as text, changed as text."""
    return lambda secret, claims: jws(OURS, change(json.dumps(claims)), secret)


FORGED = {
    **{f"alg {name}": unsigned(name) for name in ("none", "None", "nOnE", "NONE", "")},
    "alg none with our signature": headed(alg="none"),
    "another algorithm": lambda secret, claims: jws({**OURS, "alg": "HS512"}, json.dumps(claims), secret, hashlib.sha512),
    "a name for ours": headed(alg="hs256"),
    "no algorithm": headed(alg=None),
    "signed with a public key": headed(key=PUBLIC_KEY),
    "signed with a public key, as RS256": headed(key=PUBLIC_KEY, alg="RS256"),
    "an empty key": headed(key=""),
    "another key": headed(key="x" * 48),
    "kid, a path": headed(key="", kid="../../../../dev/null"),
    "kid, SQL": headed(key="x", kid="' UNION SELECT 'x' -- "),
    "kid, a command": headed(key="", kid="|cat /dev/null"),
    "kid, an operator": headed(key="", kid={"$gt": ""}),
    "jku": headed(key="x", jku="http://127.0.0.1:9/keys.json"),
    "x5u": headed(key="x", x5u="http://127.0.0.1:9/keys.pem"),
    "jwk": headed(key="x", jwk={"kty": "oct", "k": encoded(b"x")}),
    "crit": headed(crit=["exp"]),
    "crit, unknown": headed(crit=["http://example.com/role"], **{"http://example.com/role": "admin"}),
    "crit, empty": headed(crit=[]),
    "not encoded": headed(b64=False, crit=["b64"]),
    "JWE": lambda *_: ".".join([encoded(b'{"alg":"dir","enc":"A256GCM"}'), "", encoded(b"iv"), encoded(b"x"), encoded(b"tag")]),
    "the header twice": lambda secret, claims: f"{encoded(json.dumps(OURS).encode())}.{jws(OURS, json.dumps(claims), secret)}",
    "a claim twice": written(lambda text: text.replace('"sub":', '"sub": "6b0000000000000000000000", "sub":')),
    "exp twice": written(lambda text: text[:-1] + f', "exp": {FAR}}}'),
    **{f"no {name}": claiming(**{name: None}) for name in ("exp", "iat", "sub", "jti", "aud", "iss", "sid")},
    "expired": claiming(exp=int(time.time()) - 60),
    "exp, text": claiming(exp="soon"),
    "exp, a number as text": claiming(exp=f"{FAR}x"),
    "exp, 1e308": claiming(exp=1e308),
    "exp, NaN": claiming(exp=float("nan")),
    "exp, infinite": claiming(exp=float("inf")),
    "exp, negative": claiming(exp=-1),
    "exp, true": claiming(exp=True),
    "exp, a list": claiming(exp=[FAR]),
    "exp, 4,000 digits": written(lambda text: text[:-1] + f', "exp": {"9" * 4_000}}}'),
    "issued tomorrow": claiming(iat=int(time.time()) + 86_400),
    "not before tomorrow": claiming(nbf=int(time.time()) + 86_400),
    "another audience": claiming(aud="other"),
    "many audiences": claiming(aud=["other", "another"]),
    "another issuer": claiming(iss="other"),
    "sub, a number": claiming(sub=5),
    "sub, an operator": claiming(sub={"$ne": None}),
    "no object": written(lambda _: "[1]"),
    "no JSON": written(lambda _: "{"),
    "deep": written(lambda _: "[" * 1_000 + "]" * 1_000),
    "empty": lambda *_: "",
    "nonsense": lambda *_: "nonsense",
    "points": lambda *_: "..",
    "not ASCII": lambda *_: "ü.ü.ü",
    "60 kB": lambda *_: "a" * 60_000,
}  # fmt: skip


@pytest.fixture
async def session(service, ann):
    """What is in Ann's own token, and in what she renews it with."""
    return jwt.decode(ann.token, options={"verify_signature": False})


async def refused(service, token):
    """What is answered to it: by request and over a socket."""
    async with Client(service.url) as client:
        headers = {"Authorization": f"Bearer {token}"}
        async with client.http.post(
            "/graphql", json={"query": "{ viewer { id } }"}, headers=headers
        ) as answer:
            body = await answer.json()
            messages = [error["message"] for error in body.get("errors", ())]
            said = (answer.status, answer.headers.get("WWW-Authenticate"), "".join(messages), len(messages))
        async with client.http.ws_connect("/graphql", protocols=[PROTOCOL]) as socket:
            init = {"type": "connection_init", "payload": {"authorization": headers["Authorization"]}}
            await socket.send_json(init)
            closed = await socket.receive(timeout=10)
            return (*said, closed.data, closed.extra)


async def test_a1_a_token_that_we_did_not_write_so_is_refused_in_the_same_words(service, ann, session):
    wanted = await refused(service, "garbage")
    assert (wanted[0], wanted[1], wanted[4]) == (401, "Bearer", 4403)
    sound = jws(OURS, json.dumps(session), service.secret)
    async with Client(service.url, sound) as client:  # what is forged differs from this in one thing
        assert (await client.data("{ viewer { id } }"))["viewer"]["id"] == ann.id

    async with oracle.unharmed(service):
        answers = {
            name: await refused(service, forge(service.secret, session)) for name, forge in FORGED.items()
        }

    assert {name: answer for name, answer in answers.items() if answer != wanted} == {}


async def test_a1_a_megabyte_is_refused_before_it_is_read_through(service, ann):
    async with oracle.unharmed(service), Client(service.url) as client:
        headers = {"Authorization": f"Bearer {'a' * 2**20}"}
        async with client.http.post("/graphql", json={"query": "{ __typename }"}, headers=headers) as answer:
            assert answer.status in (400, 401, 431)
        for mutation in (refresh, log_out):
            assert (await mutation(client, "a" * (2**20 - 2**12)))["__typename"] == "InvalidCredentialsError"
        async with client.http.ws_connect("/graphql", protocols=[PROTOCOL]) as socket:
            payload = {"authorization": f"Bearer {'a' * (2**20 - 2**12)}"}
            await socket.send_json({"type": "connection_init", "payload": payload})
            assert (await socket.receive(timeout=10)).data == 4403


async def test_a1_a_refresh_token_that_we_did_not_write_so_is_refused_in_the_same_words(
    service, client, session
):
    claims = {**session, "aud": "darkroom:refresh"}
    wanted = await refresh(client, "garbage")
    assert (wanted["__typename"], "Log in again" in wanted["message"]) == ("InvalidCredentialsError", True)

    answers = {
        (name, mutation.__name__): await mutation(client, forge(service.secret, claims))
        for name, forge in FORGED.items()
        for mutation in (refresh, log_out)
        if name not in ("another audience", "many audiences")
    }

    assert {key: answer for key, answer in answers.items() if answer != wanted} == {}
