"""Without a secret that nobody can guess, nothing is served; and whatever is secret stands in no log."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from settings import SECRETS, Settings
from tests import pictures
from tests.accounts import LOG_IN
from tests.client import PASSWORD, Client, Person
from tests.service import ROOT, Unaltered


@pytest.mark.parametrize(("command", "secret"), [("serve", None), ("serve", "x" * 31), ("worker", None)])
def test_a8_production_does_not_start_without_a_long_secret(mongo_uri, tmp_path, command, secret):
    environment = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATA_DIR": str(tmp_path), "ENVIRONMENT": "production",
        "MONGODB_URI": mongo_uri, **({} if secret is None else {"JWT_SECRET": secret}),
    }  # fmt: skip

    ended = subprocess.run(
        [sys.executable, "-m", "cli", command],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
    )

    assert ended.returncode == 2
    assert ended.stderr.startswith("darkroom: JWT_SECRET: found ")
    assert ended.stderr.count("\n") == 1
    assert not secret or secret not in ended.stderr


CANARIES = {
    name: f"canary-{name.lower().replace('_', '-')}-0123456789abcdef0123456789abcdef"
    for name in sorted(SECRETS - {"MONGODB_URI"})
}


def test_a8_every_secret_setting_is_known_to_be_one():
    hidden = {
        name.upper() for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)
    }

    assert hidden <= SECRETS


async def test_a8_no_secret_stands_in_a_log_or_an_answer(mongo_uri, xdist_worker, tmp_path):
    settings = {
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": f"canaries_{xdist_worker}",
        "ENVIRONMENT": "production",
        **CANARIES,
    }
    said = []
    with Unaltered(tmp_path, **settings) as service:
        async with Person.signed_up(service.url) as ann:
            session = await ann.execute(LOG_IN, input={"email": ann.email, "password": PASSWORD})
            await ann.upload(pictures.jpeg())
            for token in ("garbage", ann.token + "x"):
                async with Client(service.url, token) as forger:
                    said.append(str(await forger.execute("{ viewer { id } }")))
            async with ann.http.get("/metrics", headers={"Authorization": f"Bearer {ann.token}"}) as response:
                said.append(await response.text())
            async with ann.http.get(
                "/images/1/2/original?expires=1&signature=x", headers=ann.headers
            ) as response:
                said.append(await response.text())
            async with ann.http.post("/graphql", data=b"{", headers=ann.headers) as response:
                said.append(await response.text())
        logged = "".join(service.log(name) for name in service.processes)
    tokens = [
        ann.token,
        session["data"]["it"]["session"]["refreshToken"],
        PASSWORD,
        "canary-mongodb-password",
    ]

    for secret in (*CANARIES.values(), *tokens):
        assert secret not in logged
        assert secret not in "".join(said)
