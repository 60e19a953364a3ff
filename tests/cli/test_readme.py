"""What the README shows of a terminal is typed as it stands there."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import sys

import pytest

from tests import pictures
from tests.acceptance.batches import manifest
from tests.cli import typed
from tests.client import PASSWORD
from tests.service import ROOT

pytestmark = pytest.mark.mongo
SECTION = (ROOT / "README.md").read_text().partition("\n## From a terminal")[2].partition("\n## ")[0]
(SHOWN,) = re.findall(r"```bash\n(.*?)```", SECTION, re.DOTALL)


@pytest.fixture
def home(tmp_path):
    """Where somebody works who has pictures and a manifest, and whose shell finds `darkroom`."""
    (tmp_path / "Pictures").mkdir()
    (tmp_path / "photo.jpg").write_bytes(pictures.jpeg(seed=1))
    (tmp_path / "Pictures/holiday.jpg").write_bytes(pictures.jpeg(seed=2))
    (tmp_path / "goods.csv").write_bytes(manifest("1,SKU1,http://127.0.0.1:9/a.jpg"))
    command = tmp_path / "darkroom"
    command.write_text(f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {sys.executable} -m cli "$@"\n')
    command.chmod(0o755)
    return tmp_path


async def test_each_line_does_what_it_says(home, ann):
    assert "ann@example.com" in SHOWN
    assert PASSWORD in SHOWN
    _, out, _ = await typed.said(await typed.started(ann, home, "batch", "submit", "goods.csv", "--json"))
    lines = SHOWN.replace("ann@example.com", ann.email).splitlines()
    script = "\n".join(f'{line}\necho "=> $?"' for line in lines)
    environment = {"HOME": str(home), "PATH": f"{home}:{os.environ['PATH']}", "BATCH": json.loads(out)["id"]}

    process = await asyncio.create_subprocess_exec(
        "/bin/bash", "-c", script,
        cwd=home,
        env={**environment, "DARKROOM_URL": ann.url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, out, err = await typed.said(process)

    assert re.findall(r"^=> (\d)$", out, re.MULTILINE) == list("0000100"), err
    assert out.count("holiday.jpg") == 2
    assert "1 row with 1 image" in err
    assert (home / "goods.results.csv").exists()
    assert '"code":"FETCH_FAILED"' in out
    assert (home / "schema.graphql").read_text() == (ROOT / "schema.graphql").read_text()
