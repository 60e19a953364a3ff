"""A manifest cut into chunks, and the documents that a chunk becomes: the same ones each time."""

from __future__ import annotations

import itertools
from collections.abc import AsyncGenerator, AsyncIterable, Iterator, Sequence
from dataclasses import dataclass, field

from beanie import PydanticObjectId

from models import product as products_of
from models import words
from models.batch import Batch
from models.batch_item import BatchItem
from models.batch_unit import BatchUnit
from models.product import Product
from processing.batches import ids
from processing.manifest.rows import Row

CHARACTERS_PER_CHUNK = 4 * 2**20
"""MongoDB takes 48 MB at once: room for these and a longest row, at four bytes each, and for the words made of them."""


@dataclass(frozen=True)
class Chunk:
    """Whole rows of a batch's manifest, from row `first_row` and image `first_position` on.

    `earlier_counts` says of each address of each row how often it came before it.
    """

    batch: Batch
    first_row: int
    first_position: int
    rows: Sequence[Row]
    earlier_counts: Sequence[Sequence[int]]

    @property
    def batch_id(self) -> PydanticObjectId:
        """Of its batch."""
        return PydanticObjectId(self.batch.id)

    @property
    def end_row(self) -> int:
        """The row behind it."""
        return self.first_row + len(self.rows)

    @property
    def end_position(self) -> int:
        """The image behind it."""
        return self.first_position + sum(len(row.image_urls) for row in self.rows)

    def products(self) -> list[Product]:
        """One for each row."""
        return [
            Product(
                id=ids.product(self.batch_id, number),
                owner_id=self.batch.owner_id,
                batch_id=self.batch_id,
                row=number,
                rank=products_of.rank(self.batch.created_at, number),
                serial_number=row.serial_number,
                name=row.product_name,
                words=words.of(row.product_name, row.serial_number, []),
                extra=list(row.extra),
                first_position=first_position,
                image_count=len(row.image_urls),
            )
            for number, first_position, row in self._numbered()
        ]

    def items(self) -> list[BatchItem]:
        """One for each image, PENDING."""
        return [
            BatchItem(
                id=ids.item(self.batch_id, first_position + index),
                owner_id=self.batch.owner_id,
                batch_id=self.batch_id,
                product_id=ids.product(self.batch_id, number),
                unit_id=ids.unit(self.batch_id, url, earlier_count),
                position=first_position + index,
                index=index,
                source_url=url,
            )
            for (number, first_position, row), counts in zip(
                self._numbered(), self.earlier_counts, strict=True
            )
            for index, (url, earlier_count) in enumerate(zip(row.image_urls, counts, strict=True))
        ]

    def _numbered(self) -> Iterator[tuple[int, int, Row]]:
        counts = (len(row.image_urls) for row in self.rows)
        positions = itertools.accumulate(counts, initial=self.first_position)
        return zip(itertools.count(self.first_row), positions, self.rows, strict=False)


def units(items: Sequence[BatchItem]) -> list[BatchUnit]:
    """One for each address of the items, as old as the first that has it."""
    first = {item.unit_id: item for item in reversed(items)}
    return [
        BatchUnit(
            id=unit_id,
            owner_id=item.owner_id,
            batch_id=item.batch_id,
            position=item.position,
            url=item.source_url,
        )
        for unit_id, item in first.items()
    ]


async def cut(rows: AsyncIterable[Row], batch: Batch, items_per_chunk: int) -> AsyncGenerator[Chunk, None]:
    """The rows of the batch's manifest behind those that are expanded; fewer in a chunk where they are long."""
    part, repeats, number = _Part(batch, batch.expanded_rows, batch.expanded_items), Repeats(), 0
    async for row in rows:
        number += 1
        earlier_counts = [repeats.count(url) for url in row.image_urls]
        if number <= batch.expanded_rows:
            continue
        part.add(row, earlier_counts)
        if part.item_count >= items_per_chunk or part.character_count >= CHARACTERS_PER_CHUNK:
            chunk = part.chunk()
            yield chunk
            part = _Part(batch, chunk.end_row, chunk.end_position)
    if part.rows:
        yield part.chunk()


@dataclass
class _Part:
    """A chunk that is not whole yet."""

    batch: Batch
    first_row: int
    first_position: int
    rows: list[Row] = field(default_factory=list)
    earlier_counts: list[list[int]] = field(default_factory=list)
    item_count: int = 0
    character_count: int = 0

    def add(self, row: Row, earlier_counts: list[int]) -> None:
        self.rows.append(row)
        self.earlier_counts.append(earlier_counts)
        self.item_count += len(row.image_urls)
        self.character_count += len(row.serial_number) + len(row.product_name)
        self.character_count += sum(map(len, (*row.image_urls, *row.extra)))

    def chunk(self) -> Chunk:
        return Chunk(self.batch, self.first_row, self.first_position, self.rows, self.earlier_counts)


class Repeats:
    """How often addresses came; of each only a hash is kept, as there may be 100,000."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def count(self, url: str) -> int:
        """How often the address came before, this time not counted."""
        name = hash(url)
        earlier = self._counts.get(name, 0)
        self._counts[name] = earlier + 1
        return earlier
