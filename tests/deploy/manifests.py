"""What `compose.yaml` and `deploy/` say, read as their tools read them, and what the service itself says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import AliasChoices

from settings import Settings

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PINNED = re.compile(r"[a-z0-9/-]+:v?\d+\.\d+\.\d+(-[a-z]+)?")


def read(path: str) -> dict[str, Any]:
    """A file's only document."""
    return yaml.safe_load((ROOT / path).read_text())


def kubernetes() -> dict[tuple[str, str], dict[str, Any]]:
    """Every object of the base, by its kind and name."""
    folder = DEPLOY / "kubernetes/base"
    found = {}
    for name in read("deploy/kubernetes/base/kustomization.yaml")["resources"]:
        for each in yaml.safe_load_all((folder / name).read_text()):
            found[each["kind"], each["metadata"]["name"]] = each
    return found


def variables() -> set[str]:
    """Every environment variable that is a setting."""
    names = set()
    for field, info in Settings.model_fields.items():
        alias = info.validation_alias
        names.update(alias.choices if isinstance(alias, AliasChoices) else [field.upper()])
    return names


def dotenv(path: Path) -> dict[str, str]:
    """NAME=value lines."""
    return dict(line.split("=", 1) for line in path.read_text().splitlines() if line)


def image_user() -> int:
    """As whom the image's processes run."""
    name = re.search(r"^USER (\w+)$", DOCKERFILE, re.MULTILINE).group(1)
    return int(re.search(rf"useradd .*--uid (\d+) .* {name}$", DOCKERFILE, re.MULTILINE).group(1))
