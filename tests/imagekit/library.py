"""What the fake remembers: files, folders, and what its search knows of them, which may be late."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

FOLDER = "folder"
FILE = "file"


@dataclass(frozen=True)
class Asset:
    """A file or a folder. `above` is the folder that it is in, from slash to slash."""

    id: str
    type: str
    above: str
    name: str
    created_at: datetime
    updated_at: datetime
    content: bytes = b""
    is_private: bool = False
    versions: int = 1

    @property
    def path(self) -> str:
        return f"{self.above}{self.name}"

    def described(self) -> dict[str, Any]:
        """As the API describes it."""
        common = {
            "type": self.type,
            "name": self.name,
            "createdAt": _iso(self.created_at),
            "updatedAt": _iso(self.updated_at),
        }
        if self.type == FOLDER:
            return {**common, "folderId": self.id, "folderPath": self.path}
        return {
            **common,
            "fileId": self.id,
            "filePath": self.path,
            "size": len(self.content),
            "isPrivateFile": self.is_private,
            "versionInfo": {"id": self.id, "name": f"Version {self.versions}"},
        }


class Library:
    """Files by path. With `is_late`, the search learns of nothing until `catch_up`."""

    def __init__(self) -> None:
        self.files: dict[str, Asset] = {}
        self.is_late = False
        self._folders: dict[str, Asset] = {}
        self._found: dict[str, Asset] = {}
        self._unknown: list[Callable[[], object]] = []
        self._now = datetime.now(UTC)

    def put(self, folder: str, name: str, content: bytes, *, is_private: bool, is_unique: bool) -> Asset:
        """Keeps a file. Names become what ImageKit makes of them."""
        above = self._make_folders(folder)
        name = re.sub(r"[^\w.-]", "_", name)
        if is_unique:
            name = f"{name}_{secrets.token_hex(5)}"
        now, before = self._tick(), self.files.get(f"{above}{name}")
        asset = Asset(secrets.token_hex(12), FILE, above, name, now, now, content, is_private)
        if before:
            asset = replace(asset, id=before.id, created_at=before.created_at, versions=before.versions + 1)
        self.files[asset.path] = asset
        self._tell(lambda: self._found.update({asset.id: asset}))
        return asset

    def find(self, file_id: str) -> Asset | None:
        """The file with this id, known at once."""
        return next((file for file in self.files.values() if file.id == file_id), None)

    def delete(self, file: Asset) -> None:
        """Removes a file and its versions."""
        del self.files[file.path]
        self._tell(lambda: self._found.pop(file.id, None))

    def searched(self) -> list[Asset]:
        """All that the search knows, the oldest first."""
        return sorted(self._found.values(), key=lambda asset: asset.created_at)

    def catch_up(self) -> None:
        """Lets the search know everything."""
        for learn in self._unknown:
            learn()
        self._unknown.clear()

    def _tell(self, learn: Callable[[], object]) -> None:
        self._unknown.append(learn)
        if not self.is_late:
            self.catch_up()

    def _make_folders(self, folder: str) -> str:
        above = "/"
        for part in filter(None, folder.split("/")):
            name = re.sub(r"[^A-Za-z0-9_-]", "_", part)
            if f"{above}{name}" not in self._folders:
                now = self._tick()
                made = Asset(secrets.token_hex(12), FOLDER, above, name, now, now)
                self._folders[made.path] = made
                self._tell(lambda made=made: self._found.update({made.id: made}))
            above = f"{above}{name}/"
        return above

    def _tick(self) -> datetime:
        self._now = max(datetime.now(UTC), self._now + timedelta(milliseconds=1))
        return self._now


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
