"""Kafka's jars: fetched by Maven once on each machine."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
POM = HERE / "pom.xml"
COPY_JARS = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
FETCHED_WITHIN_SECONDS = 900
LEAST_JAVA = 17


def folder() -> Path:
    """Where they are."""
    _require_java()
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "darkroom-tests"
    jars = home / f"kafka-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"
    home.mkdir(parents=True, exist_ok=True)
    with (home / "kafka.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # or else every xdist worker would fetch them
        if not jars.exists():
            _fetch(jars)
    return jars


def _require_java() -> None:
    java = shutil.which("java")
    if not java:
        _missing("there is no Java here")
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=True).stderr
    version = said.partition('"')[2].partition('"')[0]
    if int(version.partition(".")[0]) < LEAST_JAVA:
        _missing(f"Kafka needs Java {LEAST_JAVA}, found {version}")


def _fetch(jars: Path) -> None:
    maven = shutil.which("mvn")
    if not maven:
        _missing("there is no Maven here, which fetches Kafka")
    draft = jars.with_suffix(".draft")
    shutil.rmtree(draft, ignore_errors=True)
    fetching = subprocess.run(
        [
            *(maven, "--batch-mode", "--quiet", "--file", POM, COPY_JARS),
            *(f"-DoutputDirectory={draft}", "-DincludeScope=runtime"),
        ],
        timeout=FETCHED_WITHIN_SECONDS,
        capture_output=True,
        text=True,
        check=False,
    )
    if fetching.returncode:
        _missing(f"Maven cannot fetch Kafka: {fetching.stdout[-500:]}")
    draft.rename(jars)


def _missing(reason: str) -> None:
    if "REQUIRE_ALL" in os.environ:
        pytest.fail(f"REQUIRE_ALL is set and {reason}")
    pytest.skip(reason)
