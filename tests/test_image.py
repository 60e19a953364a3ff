"""The container image, read as it is written: what runs has no rights, holds no secret, and installs what is locked."""

from __future__ import annotations

import re

from tests.service import ROOT

DOCKERFILE = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text())
STEPS = [line.partition(" ")[::2] for line in DOCKERFILE.splitlines() if re.match(r"[A-Z]+ ", line)]
LAST = STEPS[max(index for index, (name, _) in enumerate(STEPS) if name == "FROM") :]


def of(name, steps=STEPS):
    return [rest for each, rest in steps if each == name]


def test_what_runs_is_a_user_without_rights():
    (user,) = of("USER", LAST)

    assert user not in ("root", "0")
    assert any(
        f"useradd --system --uid 10001 --home-dir /data --create-home {user}" in run
        for run in of("RUN", LAST)
    )
    assert LAST.index(("USER", user)) > max(LAST.index(("COPY", copied)) for copied in of("COPY", LAST))


def test_all_that_is_written_goes_where_a_volume_may_be():
    (settings,) = of("ENV", LAST)

    assert "DATA_DIR=/data" in settings
    assert "ENVIRONMENT=production" in settings
    assert not any("--chown" in copied for copied in of("COPY", LAST))


def test_only_what_is_locked_is_installed():
    installs = [part for run in of("RUN") for part in run.split("&&") if "pip install" in part]

    assert installs
    assert all("--require-hashes" in part or "--no-deps --no-build-isolation" in part for part in installs)
    assert {run.split(" --no-")[0] for run in of("RUN") if "npm" in run} == {
        "npm ci --ignore-scripts",
        "npm run build",
    }


def test_no_secret_is_in_it_and_nothing_is_fetched_from_an_address():
    assert of("ARG") == of("ADD") == []
    assert not any(re.search(r"SECRET|TOKEN|PASSWORD|KEY", given) for given in of("ENV"))
    assert not any(re.search(r"https?://(?!127\.0\.0\.1)|curl|wget", run) for run in of("RUN"))
