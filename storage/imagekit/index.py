"""ImageKit's search: which file an object is, and what objects there are.

Source: https://imagekit.io/docs/api-reference/digital-asset-management-dam/list-and-search-assets, where of a `path`
`=` finds what lies in a folder and `:` also what lies in its subfolders, and of a `name` `:` finds beginnings.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from imagekitio.types import File, Folder

from storage.base import StoredObject
from storage.imagekit import names
from storage.imagekit.api import PAGE, Api, entry
from storage.imagekit.recent import Recent

OVERLAP = 10
WALKED = 2
"""So many folders down, `room/owner/`, a list goes from folder to folder; what lies further below is asked for at once
and sorted here. So a list holds no more in memory than one owner has."""

SEARCHABLE = re.compile(r"[A-Za-z0-9._-]*")


class Index:
    """What the search knows, put right by what this process has done since."""

    def __init__(self, api: Api, recent: Recent) -> None:
        self._api = api
        self._recent = recent

    async def file_id(self, path: str) -> str | None:
        """The file that lies there."""
        folder, name = names.split(path)
        query = f'type = "file" AND path = "{folder}" AND name = "{name}"'
        for file in await self._api.search(query):
            if isinstance(file, File) and file.file_path == path and file.file_id:
                return None if self._recent.is_deleted(file.file_id) else file.file_id
        return None

    async def below(self, prefix: str) -> AsyncIterator[StoredObject]:
        """Every object whose key begins so, in ascending order of keys."""
        above, _, begin = prefix.rpartition("/")
        parts = above.split("/") if above else []
        if all(map(names.FOLDER.fullmatch, parts)) and SEARCHABLE.fullmatch(begin):
            async for stored in self._walk(parts, begin):
                yield stored

    async def _walk(self, parts: list[str], begin: str) -> AsyncIterator[StoredObject]:
        """The objects in a folder and below it, if their names in it begin so."""
        if len(parts) >= WALKED and not begin:
            for stored in await self._all_below(parts):
                yield stored
            return
        files, folders = await self._in(parts, begin)
        for name in sorted([*files, *folders]):  # a folder's name ends in the slash that follows it in keys
            if name in files:
                yield files[name]
                continue
            async for stored in self._walk([*parts, name[:-1]], ""):
                yield stored

    async def _all_below(self, parts: list[str]) -> list[StoredObject]:
        prefix = "/".join([*parts, ""])
        assets = await self._all(f'type = "file" AND path : "{names.folder(parts)}"')
        found = {stored.key: stored for stored in self._objects(assets)}
        found.update((stored.key, stored) for stored in self._recent.below(prefix))
        return [found[key] for key in sorted(found) if key.startswith(prefix)]

    async def _in(self, parts: list[str], begin: str) -> tuple[dict[str, StoredObject], set[str]]:
        """The objects in a folder by name, and the names of the folders in it, with a slash behind."""
        prefix = "/".join([*parts, ""]) if parts else ""
        begins = {f'name : "{name}"' for name in (begin, begin.replace(".", "_")) if name}
        named = f" AND ({' OR '.join(sorted(begins))})" if begins else ""
        assets = await self._all(f'type IN ["file", "folder"] AND path = "{names.folder(parts)}"{named}')
        found = [*self._objects(assets), *self._recent.below(f"{prefix}{begin}")]
        folders = {
            f"{(asset.name or '').replace('_', '.')}/" for asset in assets if isinstance(asset, Folder)
        }
        files = {}
        for stored in found:
            name, slash, _ = stored.key.removeprefix(prefix).partition("/")
            if slash:
                folders.add(f"{name}/")
            elif stored.key.startswith(f"{prefix}{begin}"):
                files[name] = stored
        return files, {
            folder for folder in folders if folder.startswith(begin) and names.FOLDER.fullmatch(folder[:-1])
        }

    def _objects(self, assets: list[File | Folder]) -> list[StoredObject]:
        """Those of them that are objects and still there."""
        files = [entry(asset) for asset in assets if isinstance(asset, File)]
        there = [(names.key(file.path), file) for file in files if not self._recent.is_deleted(file.file_id)]
        return [StoredObject(key, file.size_bytes, file.written_at) for key, file in there if key]

    async def _all(self, query: str) -> list[File | Folder]:
        """All that a search finds, though files may be deleted meanwhile.

        What is deleted moves up all that follows. So each page begins with what ended the one before, and if it does
        not, the search goes back.
        """
        found: dict[str, File | Folder] = {}
        skip = 0
        while True:
            page = await self._api.search(query, skip=skip)
            if skip and not (page and _id(page[0]) in found):
                skip = max(skip - PAGE, 0)
                continue
            found.update((_id(asset), asset) for asset in page)
            if len(page) < PAGE:
                return list(found.values())
            skip += PAGE - OVERLAP


def _id(asset: File | Folder) -> str:
    return str(asset.file_id if isinstance(asset, File) else asset.folder_id)
