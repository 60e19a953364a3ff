"""What a page tells people to type, typed into a shell beside a running service."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import typer

from cli import commands
from settings import Settings
from tests import pictures
from tests.service import Service

ADDRESS = "http://127.0.0.1:8000"
ENDS_WITHIN_SECONDS = 120


def steps(text: str) -> list[str]:
    """The blocks of it that are for a shell."""
    return re.findall(r"```bash\n(.*?)```", text, re.DOTALL)


def as_typed(blocks: list[str], service: Service, folder: Path) -> str:
    """What the blocks say in a shell, one after the other, with a photo among the pictures of its user."""
    home = folder / "home"
    (home / "Pictures").mkdir(parents=True)
    (home / "Pictures/holiday.jpg").write_bytes(pictures.photo(seed=7))
    script = "set -eu\n" + "\necho\n".join(blocks).replace(ADDRESS, service.url)

    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        ["/bin/bash", "-c", script],
        check=False,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=ENDS_WITHIN_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def settings() -> set[str]:
    """The names of all environment variables that are read."""
    names = {name.upper() for name in Settings.model_fields}
    for field in Settings.model_fields.values():
        names |= {str(choice) for choice in getattr(field.validation_alias, "choices", ())}
    return names


def parsed(words: list[str]) -> dict[str, Any]:
    """The options of a command, as the command line reads it; nothing is run."""
    command: Any = typer.main.get_command(commands)
    name, *rest = words
    while hasattr(command, "commands"):
        name, *rest = rest
        command = command.commands[name]
    return dict(command.make_context(name, rest).params)
