"""The locks pin every dependency with its hashes, and name no address, so that any registry can serve them."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCKS = sorted(ROOT.glob("requirements*.lock"))
ADDRESS = re.compile(r"[a-z+]+://|--(extra-)?index-url|--find-links")


def pins(lock: Path) -> dict[str, tuple[str, int]]:
    """Each pinned name, its version, and how many hashes it has."""
    entries = re.findall(r"^([\w.-]+)==(\S+)(.*(?:\n    .*)*)", lock.read_text(), re.MULTILINE)
    return {
        canonicalize_name(name): (version, rest.count("--hash=sha256:")) for name, version, rest in entries
    }


def wanted(lock: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    of_lock = {
        "requirements.lock": project["project"]["dependencies"] + project["build-system"]["requires"],
        "requirements-dev.lock": project["dependency-groups"]["dev"],
    }
    return [Requirement(line) for line in of_lock[lock]]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_line_of_a_lock_is_a_pin_a_hash_or_a_comment(lock):
    line = re.compile(r"[\w.-]+==\S+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?|    #.*")

    assert [text for text in lock.read_text().splitlines() if not line.fullmatch(text)] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_pin_has_a_hash(lock):
    found = pins(lock)

    assert found
    assert [name for name, (_, hashes) in found.items() if hashes == 0] == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_holds_what_the_project_asks_for(lock):
    found = pins(ROOT / lock)

    unmet = [
        str(requirement)
        for requirement in wanted(lock)
        if (pin := found.get(canonicalize_name(requirement.name))) is None
        or not requirement.specifier.contains(pin[0])
    ]
    assert unmet == []


def test_what_both_locks_pin_they_pin_alike():
    run, dev = pins(ROOT / "requirements.lock"), pins(ROOT / "requirements-dev.lock")

    assert {name for name in run.keys() & dev.keys() if run[name][0] != dev[name][0]} == set()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_address(lock):
    assert ADDRESS.search(lock.read_text()) is None


@pytest.mark.parametrize("folder", ["playground", "web", "docs/recipes", "benchmarks/peers"])
def test_packages_for_node_have_hashes_and_no_addresses(folder):
    packages = json.loads((ROOT / folder / "package-lock.json").read_text())["packages"]

    fetched = [package for name, package in packages.items() if name]
    assert fetched
    assert [package for package in fetched if not package["integrity"].startswith("sha512-")] == []
    assert [package for package in fetched if "resolved" in package] == []
