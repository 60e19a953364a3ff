"""What is to go goes, whatever happens on the way."""

from __future__ import annotations

import pytest

from errors import StorageError
from models.image import StoredAt
from models.leftover import Leftover
from models.transactions import run
from models.work import Topic
from processing import leftovers
from processing.leftovers import DeleteLeftover
from processing.queue.memory import MemoryQueue
from storage.adapters import Storages
from storage.memory import MemoryStorage


async def one_piece(content):
    yield content


@pytest.fixture
async def storage():
    held = MemoryStorage()
    await held.put("going", one_piece(b"x"))
    await held.put("staying", one_piece(b"x"))
    return held


async def remembered(owner_id, *keys):
    queue = MemoryQueue()
    places = [StoredAt(kind="memory", key=key) for key in keys]
    await run(lambda transaction: leftovers.remember(owner_id, places, queue, transaction))
    return queue


async def keys_of(storage):
    return [stored.key async for stored in storage.list("")]


@pytest.mark.mongo
async def test_a_leftover_is_deleted_once_and_forgotten(storage, database, owner_id):
    queue = await remembered(owner_id, "going")
    (leased,) = await queue.consume(Topic.UPLOADS, 1)

    for _ in range(2):
        await DeleteLeftover(Storages(storage)).run(leased.item)

        assert await keys_of(storage) == ["staying"]
        assert await Leftover.find({"owner_id": owner_id}).count() == 0


@pytest.mark.mongo
async def test_a_leftover_is_remembered_while_its_provider_is_down(storage, database, owner_id, monkeypatch):
    async def down(_):
        raise StorageError("down")

    queue = await remembered(owner_id, "going")
    (leased,) = await queue.consume(Topic.UPLOADS, 1)
    monkeypatch.setattr(storage, "delete", down)

    with pytest.raises(StorageError):
        await DeleteLeftover(Storages(storage)).run(leased.item)

    assert await Leftover.find({"owner_id": owner_id}).count() == 1


@pytest.mark.mongo
async def test_what_is_deleted_at_once_is_not_remembered(storage, database, owner_id):
    await leftovers.delete(owner_id, storage, "going", MemoryQueue())

    assert await keys_of(storage) == ["staying"]
    assert await Leftover.find({"owner_id": owner_id}).count() == 0


@pytest.mark.mongo
async def test_what_is_not_deleted_at_once_is_deleted_later(storage, database, owner_id, monkeypatch):
    async def down(_):
        raise StorageError("down")

    queue = MemoryQueue()
    with monkeypatch.context() as broken:
        broken.setattr(storage, "delete", down)
        await leftovers.delete(owner_id, storage, "going", queue)
    assert await keys_of(storage) == ["going", "staying"]

    await DeleteLeftover(Storages(storage)).run((await queue.consume(Topic.UPLOADS, 1))[0].item)

    assert await keys_of(storage) == ["staying"]


@pytest.mark.mongo
async def test_what_was_derived_goes_with_an_original_and_with_nothing_else(storage, database, owner_id):
    derived = ["made/o/i/w100", "variants/o/i/thumbnail-1"]
    for key in derived:
        await storage.put(key, one_piece(b"x"))

    for key, left in (("staged/o/i", [*derived, "staying"]), ("originals/o/i", ["staying"])):
        queue = await remembered(owner_id, key, "going")
        for _ in range(2):
            await DeleteLeftover(Storages(storage)).run((await queue.consume(Topic.UPLOADS, 1))[0].item)
        assert await keys_of(storage) == sorted(left)
