"""SECURITY.md and the tests say the same: each row has its tests, each test of a row has a row."""

from __future__ import annotations

import re

import pytest

from tests.service import ROOT

TEXT = (ROOT / "SECURITY.md").read_text()
FIRST_CELL = re.compile(r"^\| ([A-Z]\d+(?:, [A-Z]\d+)*)\b", re.MULTILINE)
CELLS = FIRST_CELL.findall(TEXT)
NAMED = set(re.findall(r"`(test_\w+)`", TEXT))
FILES = set(re.findall(r"`(tests/[\w/]+\.py)", TEXT))
IDS = re.compile(r"test_((?:[acfgimrswx]\d+_)+)")
FUNCTIONS = {
    name
    for path in (ROOT / "tests").glob("**/test_*.py")
    for name in re.findall(r"^ *(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE)
}
TESTED = {
    each.upper() for name in FUNCTIONS if (ids := IDS.match(name)) for each in ids[1].strip("_").split("_")
}


@pytest.mark.parametrize("ids", CELLS)
def test_each_row_has_a_test_with_an_id_of_it(ids):
    assert TESTED.intersection(ids.split(", "))


def test_each_id_of_a_test_has_a_row():
    assert sorted(TESTED - set(", ".join(CELLS).split(", "))) == []


def test_what_is_named_exists():
    assert sorted(NAMED - FUNCTIONS) == []
    assert [path for path in sorted(FILES) if not (ROOT / path).exists()] == []
