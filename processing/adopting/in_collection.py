"""Pictures whose addresses stand in a collection of MongoDB."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from models import elsewhere
from processing.adopting.base import Item, ItemUnreadableError, Opened
from processing.adopting.fields import Fields, at, text
from processing.fetch import Fetcher, target


class InCollection:
    """One item for each address in `url_field` of each document: a text, or a list of texts.

    Args:
        collection: The documents.
        host: Where the collection is; a part of the source's name.
        fetcher: What fetches the pictures.
        url_field: Where the addresses stand.
        fields: Where the rest stands.
    """

    def __init__(
        self, collection: elsewhere.Collection, host: str, fetcher: Fetcher, url_field: str, fields: Fields
    ) -> None:
        self.name = f"mongo:{host}/{collection.full_name}#{url_field}"
        self._collection = collection
        self._fetcher = fetcher
        self._url_field = url_field
        self._fields = fields

    async def count(self) -> int:
        """By documents."""
        return await elsewhere.count(self._collection)

    async def items(self) -> AsyncIterator[Item]:
        """In the order of the documents' ids."""
        async for document in elsewhere.documents(self._collection, [self._url_field, *self._fields.named]):
            found = at(document, self._url_field)
            if isinstance(found, list):
                for position, url in enumerate(found):
                    yield self._item(document, f"{document['_id']}:{position}", text(url))
            else:
                yield self._item(document, str(document["_id"]), text(found))

    def _item(self, document: Mapping[str, Any], item_id: str, url: str | None) -> Item:
        fields = self._fields
        return Item(
            item_id,
            fields.owner_in(document),
            partial(self._open, url, fields.filename_in(document)),
            fields.caption_in(document),
            fields.tags_in(document),
        )

    @asynccontextmanager
    async def _open(self, url: str | None, filename: str | None) -> AsyncIterator[Opened]:
        if url is None:
            raise ItemUnreadableError(f"there is no address in {self._url_field}")
        async with self._fetcher.open(target.parsed(url)) as fetched:
            yield Opened(filename or fetched.filename, fetched.pieces)
