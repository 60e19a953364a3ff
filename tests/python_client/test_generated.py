"""The generated part of the client is what the generator makes of the schema and the documents today."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

ROOT = Path(__file__).parent.parent.parent
GENERATED = ROOT / "client/generated"
CODEGEN = ROOT / ".venv/codegen/bin/ariadne-codegen"


def test_the_documents_are_valid():
    schema = build_schema((ROOT / "schema.graphql").read_text())
    documents = "".join(path.read_text() for path in sorted((ROOT / "client/operations").glob("*.graphql")))

    assert validate(schema, parse(documents)) == []


def test_nothing_has_changed_since_it_was_generated(tmp_path):
    if not CODEGEN.exists():
        if "REQUIRE_ALL" in os.environ:
            pytest.fail("REQUIRE_ALL is set and there is no generator")
        pytest.skip("there is no generator here; `make client` brings it")
    shutil.copytree(ROOT / "client", tmp_path / "client", ignore=shutil.ignore_patterns("generated"))
    shutil.copy(ROOT / "schema.graphql", tmp_path)

    command = [CODEGEN, "--config", "client/codegen.toml"]
    made = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)

    assert made.returncode == 0, made.stderr
    anew = tmp_path / "client/generated"
    names = {path.name for path in anew.glob("*.py")}
    assert names == {path.name for path in GENERATED.glob("*.py")}
    changed = [name for name in names if (anew / name).read_bytes() != (GENERATED / name).read_bytes()]
    assert not changed, "run `make client`"
