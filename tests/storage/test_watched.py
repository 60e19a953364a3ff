"""What is asked of an adapter is counted, and changes nothing else about it."""

from __future__ import annotations

import asyncio
import hashlib

import pytest

from errors import ObjectNotFoundError, StorageError
from storage.abilities import Linking
from storage.counts import StorageCounts
from storage.memory import MemoryStorage
from storage.summed import Summed
from storage.watched import watched

PUT, GET, HEAD, DELETE = (("memory", operation) for operation in ("put", "get", "head", "delete"))


class Broken(MemoryStorage):
    """Takes nothing, and gives half."""

    async def put(self, key, pieces):
        async for _ in pieces:
            pass
        raise StorageError("no room")

    async def get(self, key, *, start=0, end=None):
        yield b"half"
        raise StorageError("the line went dead")

    async def link(self, key, *, media_type, filename, ttl_seconds):
        return "somewhere"


@pytest.fixture
def counts():
    return StorageCounts()


async def pieces(*content, pause_seconds=0.0):
    for piece in content:
        await asyncio.sleep(pause_seconds)
        yield piece


def asked(counts):
    return {each: sum(durations.buckets) for each, durations in counts.durations.items()}


async def test_what_is_asked_is_answered_and_counted(counts):
    storage = watched(MemoryStorage(), counts)

    await storage.put("a/b", pieces(b"abc", b"def"))
    assert [piece async for piece in storage.get("a/b", start=1, end=3)] == [b"bc"]
    assert (await storage.head("a/b")).size_bytes == 6
    await storage.delete("a/b")

    counted = asked(counts)
    assert {counted[each] for each in (PUT, GET, DELETE)} == {1}
    assert not counts.errors


async def test_that_there_is_no_such_object_is_no_error(counts):
    storage = watched(MemoryStorage(), counts)

    with pytest.raises(ObjectNotFoundError):
        await storage.head("nothing")
    with pytest.raises(ObjectNotFoundError):
        await anext(storage.get("nothing"))

    assert not counts.errors


async def test_faults_are_counted_where_they_happen_and_go_on(counts):
    storage = watched(Broken(), counts)

    with pytest.raises(StorageError, match="no room"):
        await storage.put("a", pieces(b"abc"))
    with pytest.raises(StorageError, match="dead"):
        _ = [piece async for piece in storage.get("a")]

    assert counts.errors == {PUT: 1, GET: 1}
    assert asked(counts) == {GET: 1}


async def test_a_client_that_is_slow_makes_storage_no_slower(counts):
    storage = watched(MemoryStorage(), counts)

    await storage.put("a", pieces(b"abc", b"def", pause_seconds=0.2))

    assert counts.durations[PUT].sum_seconds < 0.2


async def test_a_client_that_breaks_off_is_no_fault_of_storage(counts):
    async def broken_off():
        yield b"abc"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await watched(MemoryStorage(), counts).put("a", broken_off())

    assert not counts.errors


async def test_sums_are_handed_on_with_their_bytes():
    seen = []

    class Summing(MemoryStorage):
        async def put(self, key, pieces):
            stored = await super().put(key, pieces)
            seen.append(pieces.sha256())
            return stored

    sha256 = hashlib.sha256(b"abc").digest
    await watched(Summing(), StorageCounts()).put("a", Summed(pieces(b"abc"), sha256))

    assert seen == [sha256()]


def test_what_else_an_adapter_can_do_stays_in_sight(counts):
    assert isinstance(watched(Broken(), counts), Linking)
    assert not isinstance(watched(MemoryStorage(), counts), Linking)
