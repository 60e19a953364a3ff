"""What commands share of their options, and what is wrong with one."""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")]
Choice = TypeVar("Choice", bound=Enum)


def refuse(option: str, text: str) -> typer.BadParameter:
    """To be raised: what is wrong with an option, which ends the command with exit status 2."""
    return typer.BadParameter(text, param_hint=option)


def one_of(kinds: type[Choice], option: str, given: str) -> Choice:
    """The kind of this name, whatever its case. Raises `typer.BadParameter` if there is none."""
    name = given.upper()
    if name not in kinds.__members__:
        raise refuse(option, f"{given!r} is none of {', '.join(kinds.__members__)}")
    return kinds[name]


def check_place(option: str, file: Path) -> None:
    """Raises `typer.BadParameter` if a file could not be written there, before anything is done for it."""
    if not os.access(file.parent, os.W_OK | os.X_OK):
        raise refuse(option, f"nothing can be written to the folder {file.parent}")
