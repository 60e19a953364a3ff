"""What a key is called at ImageKit: `a/b.1/c.d` is the file `c.d` in the folder `/a/b_1`.

ImageKit puts `_` for whatever it allows in no name; of a folder's name that is also the dot. So a folder's dots are
written as `_` here, and a part of a key that is a folder has none of its own.

Source: `folder` and `fileName` in https://imagekit.io/docs/api-reference/upload-file/upload-file
"""

from __future__ import annotations

import re

from errors import StorageError

FILE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
FOLDER = re.compile(r"[A-Za-z0-9-][A-Za-z0-9.-]*")


def path(key: str) -> str:
    """Where the object of that key lies.

    Raises:
        StorageError: ImageKit would give it another name.
    """
    *folders, name = key.split("/")
    if not (FILE.fullmatch(name) and all(map(FOLDER.fullmatch, folders))):
        raise StorageError("ImageKit can hold no object of that key", retryable=False)
    return f"{folder(folders)}{name}"


def folder(parts: list[str]) -> str:
    """The folder that these parts of a key lead to, from slash to slash."""
    return "".join(["/", *(f"{part.replace('.', '_')}/" for part in parts)])


def key(path: str) -> str | None:
    """The key of the object that lies there; None if no key leads there."""
    *folders, name = path.removeprefix("/").split("/")
    made = "/".join([*(part.replace("_", ".") for part in folders), name])
    return made if FILE.fullmatch(name) and all(map(FOLDER.fullmatch, made.split("/")[:-1])) else None


def prefix(folder: str) -> str:
    """How the keys of what lies in a folder, or below it, begin."""
    inner = folder.strip("/").replace("_", ".")
    return f"{inner}/" if inner else ""


def split(path: str) -> tuple[str, str]:
    """The folder, from slash to slash, and the name in it."""
    above, slash, name = path.rpartition("/")
    return above + slash, name
