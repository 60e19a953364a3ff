"""SECURITY.md and the tests say the same: each row has its tests, each test of a row stands in its row."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.service import ROOT

ROW = re.compile(r"^\| ([A-Z]\d+) \|(.*)\|$", re.MULTILINE)
NAMED = re.compile(r"`(test_\w+)`")
WITH_ID = re.compile(r"test_([a-z]\d+)_")
ROWS = {row: NAMED.findall(rest) for row, rest in ROW.findall((ROOT / "SECURITY.md").read_text())}
IN_THE_CATALOGUE = ("hostile", "faults")


@cache
def functions(*folders):
    """The names of all tests there."""
    files = [path for folder in folders for path in (ROOT / "tests" / folder).glob("**/test_*.py")]
    nodes = (node for path in files for node in ast.walk(ast.parse(path.read_text())))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return {node.name for node in nodes if isinstance(node, kinds) and node.name.startswith("test_")}


@pytest.mark.parametrize("row", ROWS)
def test_each_row_names_tests_that_exist(row):
    assert ROWS[row]
    assert [name for name in ROWS[row] if name not in functions("")] == []


@pytest.mark.parametrize("row", ROWS)
def test_the_tests_of_a_row_have_its_id_in_their_names(row):
    assert {found[1] for name in ROWS[row] if (found := WITH_ID.match(name))} <= {row.lower()}
    assert any(name.startswith(f"test_{row.lower()}_") for name in ROWS[row])


def test_each_test_with_an_id_stands_in_a_row():
    named = {name for names in ROWS.values() for name in names}

    assert [name for name in functions(*IN_THE_CATALOGUE) if WITH_ID.match(name) and name not in named] == []
