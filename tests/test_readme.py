"""The README is true: every setting is in it, every file it names exists, its walk does what it says."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from settings import Settings
from tests import shell
from tests.service import Unaltered

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
WALK = README.partition("## A walk with curl")[2].partition("\n## ")[0]
BATCHES = README.partition("\n## Batches")[2].partition("\n## ")[0]
STEPS, BATCH_STEPS = shell.steps(WALK), shell.steps(BATCHES)


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_stands_in_the_table_with_what_it_means(name):
    row = re.search(rf"^\| `{name.upper()}` \|.*$", README, re.MULTILINE)

    assert row
    assert Settings.model_fields[name].description in row.group()


def test_every_room_and_root_module_is_in_the_tree():
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    modules = {path.name for path in ROOT.glob("*.py")}

    assert [name for name in rooms if f"\n{name}/" not in README] == []
    assert [name for name in modules if name not in README] == []


def test_the_walk_does_what_it_says_exactly_as_typed(service, tmp_path):
    told = shell.as_typed(STEPS, service, tmp_path)

    assert '"mediaType":"image/jpeg"' in told
    assert '"duplicate":true' in told
    assert '"totalCount":1' in told
    assert re.findall(r'"stage":"(\w+)"', told) == ["STORED", "PROBED", "VARIANTS_MADE", "READY"]


def test_a_batch_does_what_it_says_exactly_as_typed(mongo_uri, xdist_worker, tmp_path):
    service = Unaltered(tmp_path, MONGODB_URI=mongo_uri, MONGODB_DATABASE=f"readme_{xdist_worker}")
    service.environment["FETCH_PRIVATE_ALLOWLIST"] = f"127.0.0.1:{service.port}"
    with service:
        told = shell.as_typed([*STEPS[:3], *BATCH_STEPS], service, tmp_path)

    results = list(csv.reader(io.StringIO(told[told.index("S. No.") :])))
    assert [row[:2] for row in results[:3]] == [["S. No.", "Product Name"], ["1", "SKU1"], ["2", "SKU2"]]
    assert results[1][3].startswith(service.url)
    assert results[2][3] == f"{results[1][3]},"
    assert '"state":"COMPLETED_WITH_ERRORS"' in told
