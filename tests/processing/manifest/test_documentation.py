"""The published format names all that is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from processing.manifest import Code
from processing.manifest.columns import _ALIASES, EXTENDED_RESULTS

PUBLISHED = (Path(__file__).parents[3] / "docs/manifest.md").read_text()


@pytest.mark.parametrize("code", Code)
def test_every_code_is_explained(code):
    assert f"\n| `{code.value}` | " in PUBLISHED


@pytest.mark.parametrize("aliases", _ALIASES.values(), ids=_ALIASES)
def test_every_name_of_a_column_is_published(aliases):
    assert f"\n| `{aliases[0]}` | {', '.join(f'`{alias}`' for alias in aliases[1:])} |" in PUBLISHED


@pytest.mark.parametrize("heading", EXTENDED_RESULTS)
def test_every_column_of_results_is_published(heading):
    assert heading in PUBLISHED.partition("## What is written")[2]
