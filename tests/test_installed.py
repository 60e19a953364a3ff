"""What runs the tests is what the locks say."""

from __future__ import annotations

from importlib import metadata

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement

from tests.service import ROOT


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_what_is_installed_is_what_is_locked(lock):
    lines = [line.rstrip(" \\") for line in (ROOT / lock).read_text().splitlines() if line[:1].isalnum()]
    wanted = [Requirement(line) for line in lines]
    ours = [each for each in wanted if each.marker is None or each.marker.evaluate(default_environment())]

    assert ours
    assert [str(each) for each in ours if not each.specifier.contains(metadata.version(each.name))] == []
