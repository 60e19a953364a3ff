"""Pictures in a GridFS bucket that others have filled."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from gridfs.errors import CorruptGridFile, NoFile

from models import elsewhere
from processing.adopting.base import Item, ItemUnreadableError, Opened, Pieces
from processing.adopting.fields import Fields
from storage import keys

FILENAME = "filename"


class InGridFS:
    """One item for each file, every revision of a name among them.

    Args:
        database: Where the bucket is.
        host: Where the database is; a part of the source's name.
        bucket: The bucket.
        fields: Where the rest stands in the documents of the files, such as `metadata.userId`.
    """

    def __init__(self, database: elsewhere.Database, host: str, bucket: str, fields: Fields) -> None:
        self.name = f"gridfs:{host}/{database.name}.{bucket}"
        self._database = database
        self._bucket = bucket
        self._files = database[f"{bucket}.files"]
        self._fields = fields

    async def count(self) -> int:
        """By files."""
        return await elsewhere.count(self._files)

    async def items(self) -> AsyncIterator[Item]:
        """In the order of the files' ids, without those that Darkroom keeps."""
        fields = self._fields
        async for file in elsewhere.documents(self._files, [FILENAME, *fields.named]):
            if not keys.is_ours(str(file.get(FILENAME))):
                yield Item(
                    str(file["_id"]),
                    fields.owner_in(file),
                    partial(self._open, file),
                    fields.caption_in(file),
                    fields.tags_in(file),
                )

    @asynccontextmanager
    async def _open(self, file: Mapping[str, Any]) -> AsyncIterator[Opened]:
        name = self._fields.filename_in(file) or file.get(FILENAME)
        yield Opened(str(name or ""), self._pieces(file["_id"]))

    async def _pieces(self, file_id: object) -> Pieces:
        try:
            async for piece in elsewhere.content(self._database, self._bucket, file_id):
                yield piece
        except (NoFile, CorruptGridFile) as error:
            raise ItemUnreadableError("chunks of the file are missing") from error
