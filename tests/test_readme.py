"""The README is true: every setting is in it, every file it names exists, its walk does what it says."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from settings import Settings
from tests import pictures

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
WALK = README.partition("## A walk with curl")[2].partition("\n## ")[0]
STEPS = re.findall(r"```bash\n(.*?)```", WALK, re.DOTALL)


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
    home = tmp_path / "home"
    (home / "Pictures").mkdir(parents=True)
    (home / "Pictures/holiday.jpg").write_bytes(pictures.photo(seed=7))
    script = "set -eu\n" + "\necho\n".join(STEPS).replace("http://127.0.0.1:8000", service.url)

    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        ["/bin/bash", "-c", script],
        check=False,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    assert '"mediaType":"image/jpeg"' in done.stdout
    assert '"duplicate":true' in done.stdout
    assert '"totalCount":1' in done.stdout
    assert re.findall(r'"stage":"(\w+)"', done.stdout) == ["STORED", "PROBED", "VARIANTS_MADE", "READY"]
