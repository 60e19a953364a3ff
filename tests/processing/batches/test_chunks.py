"""Chunks of a manifest are no larger than MongoDB takes them."""

from __future__ import annotations

import pytest

from processing.batches import chunks
from processing.manifest.rows import Row
from tests.processing.batches import batches


@pytest.mark.mongo
@pytest.mark.parametrize(("longest", "sizes"), [(10**6, [3, 2]), (200, [2, 2, 1]), (1, [1, 1, 1, 1, 1])])
async def test_a_chunk_ends_with_so_many_images_or_so_much_text(
    owner_id, storage, database, monkeypatch, longest, sizes
):
    monkeypatch.setattr(chunks, "CHARACTERS_PER_CHUNK", longest)
    batch = await batches.submit(owner_id, storage, *"abcde")

    async def rows():
        for number in range(5):
            yield Row(number, str(number), "Lamp", (f"https://example.com/{number}",), ("x" * 100,))

    cut = [chunk async for chunk in chunks.cut(rows(), batch, 3)]

    assert [len(chunk.rows) for chunk in cut] == sizes
    assert [chunk.first_row for chunk in cut] == [sum(sizes[:at]) for at in range(len(sizes))]
    assert (cut[-1].end_row, cut[-1].end_position) == (5, 5)
