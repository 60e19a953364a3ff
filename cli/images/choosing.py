"""Which files are uploaded."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cli.options import refuse

ENDINGS: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif"})


@dataclass
class Chosen:
    """Files in the order in which they are uploaded, each once, and the folders that could not be read."""

    files: list[Path] = field(default_factory=list)
    unread: list[OSError] = field(default_factory=list)


def chosen(named: Sequence[Path]) -> Chosen:
    """Files as they are named; of folders, the pictures in them and below.

    Raises:
        typer.BadParameter: A name is of nothing, or there is no picture at all in a folder. Nothing has begun then.
    """
    found = Chosen()
    for path in named:
        if path.is_dir():
            pictures = list(_pictures(path, found.unread))
            if not pictures and not found.unread:
                raise refuse("FILES", f"no picture is in {path}")
            found.files += pictures
        elif path.is_file():
            found.files.append(path)
        else:
            raise refuse("FILES", f"there is no file {path}")
    found.files = list(dict.fromkeys(found.files))
    return found


def _pictures(folder: Path, unread: list[OSError]) -> Iterator[Path]:
    for name, folders, files in os.walk(folder, onerror=unread.append):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for file in sorted(files):
            path = Path(name, file)
            if not file.startswith(".") and path.suffix.lower() in ENDINGS:
                yield path
