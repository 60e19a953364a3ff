"""The table of guards stays true: each is where it says, and what is left without it is Python."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

import pytest

from tests.guards import content, requests
from tests.service import ROOT

GUARDS = (*requests.GUARDS, *content.GUARDS)
BY_WHAT = [pytest.param(guard, id=f"{guard.rows}: {guard.what}") for guard in GUARDS]
SECTIONS = {
    requests: ("2.1", "2.2", "2.3", "2.7", "2.8"),
    content: ("2.4", "2.5", "2.6", "2.9"),
}
CATALOGUE = (ROOT / "SECURITY.md").read_text()


@pytest.mark.parametrize("guard", BY_WHAT)
def test_a_guard_stands_where_it_says_exactly_once(guard):
    assert (ROOT / guard.file).read_text().count(guard.text) == 1
    assert guard.without != guard.text


@pytest.mark.parametrize("guard", BY_WHAT)
def test_the_tests_of_a_guard_exist(guard):
    assert guard.tests
    for test in guard.tests:
        path, _, name = test.partition("::")
        written = (ROOT / path).read_text()
        assert not name or f"def {name.partition('[')[0]}(" in written, test


@pytest.mark.parametrize("guard", BY_WHAT)
def test_no_test_of_a_guard_is_left_out_as_long(guard):
    for path, _, name in (test.partition("::") for test in guard.tests):
        for each in ast.parse((ROOT / path).read_text()).body:
            if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)) and each.name == name:
                assert "pytest.mark.long" not in map(ast.unparse, each.decorator_list)


def test_what_is_left_without_a_guard_knows_every_name(tmp_path):
    for number, guard in enumerate(GUARDS):
        left = (ROOT / guard.file).read_text().replace(guard.text, guard.without)
        (tmp_path / f"guard_{number}.py").write_text(f"# {guard.what}\n{left}")

    looked = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--select=E9,F821,F823", "--quiet", tmp_path],
        check=False,
        capture_output=True,
        text=True,
    )

    assert looked.returncode == 0, looked.stdout


@pytest.mark.parametrize("half", SECTIONS, ids=lambda half: half.__name__)
def test_each_row_has_a_guard_that_is_taken_out(half):
    """Or one that says for which others it stands."""
    rows = {row for section in SECTIONS[half] for row in _rows(section)}

    assert sorted(rows - {row for guard in half.GUARDS for row in guard.rows.split()}) == []


def _rows(section):
    text = CATALOGUE.partition(f"### {section} ")[2].partition("\n### ")[0]
    return {
        row
        for cell in re.findall(r"^\| ([A-Z]\d+[^|]*)\|", text, re.MULTILINE)
        for row in re.findall(r"[A-Z]\d+", cell)
    }
