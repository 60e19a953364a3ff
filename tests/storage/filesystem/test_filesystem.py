"""What only a folder does: whole files whatever is killed, no debris."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from errors import ObjectNotFoundError, StorageError
from storage import folders
from storage.drafts import ABANDONED_SECONDS, ASIDE
from storage.filesystem import PIECE_BYTES, WRITE_BYTES, FilesystemStorage
from tests.storage.filesystem.folder import keys, left_over, read
from tests.storage.objects import pieces


def refusing(number, *, after=0):
    """A call of the operating system that fails, perhaps not at once."""
    calls = iter(range(after))
    write = os.write

    def call(*arguments):
        if next(calls, None) is None:
            raise OSError(number, os.strerror(number))
        return write(*arguments)

    return call


@pytest.mark.parametrize(
    ("number", "retryable"), [(errno.ENOSPC, True), (errno.EIO, True), (errno.EROFS, False)]
)
async def test_x10_a_disk_that_refuses_leaves_nothing(storage, folder, monkeypatch, number, retryable):
    monkeypatch.setattr(os, "write", refusing(number, after=1))

    with pytest.raises(StorageError) as refused:
        await storage.put("a/b", pieces(*[bytes(WRITE_BYTES)] * 3))

    assert refused.value.retryable is retryable
    assert ("the disk is full" in str(refused.value)) is (number == errno.ENOSPC)
    assert left_over(folder) == []


@pytest.mark.parametrize("before", [None, b"old"])
async def test_a_name_that_cannot_be_made_durable_is_taken_back(storage, monkeypatch, before):
    if before:
        await storage.put("a/b", pieces(before))
    monkeypatch.setattr(folders, "sync", refusing(errno.EIO))

    with pytest.raises(StorageError):
        await storage.put("a/b", pieces(b"new"))

    assert [await read(storage, key) for key in await keys(storage)] == ([before] if before else [])


@pytest.mark.parametrize("before", [None, b"old"])
async def test_a_put_cancelled_at_its_last_moment_leaves_what_was_there(storage, folder, monkeypatch, before):
    if before:
        await storage.put("a/b", pieces(before))
    moved, go_on = asyncio.Event(), threading.Event()
    loop, sync = asyncio.get_running_loop(), folders.sync

    def slow(chain):
        loop.call_soon_threadsafe(moved.set)
        go_on.wait()
        sync(chain)

    monkeypatch.setattr(folders, "sync", slow)
    putting = asyncio.create_task(storage.put("a/b", pieces(b"new")))
    await moved.wait()
    putting.cancel()
    loop.call_soon(go_on.set)

    with pytest.raises(asyncio.CancelledError):
        await putting
    assert left_over(folder) == (["a", "a/b"] if before else [])
    assert [await read(storage, key) for key in await keys(storage)] == ([before] if before else [])


async def test_bytes_are_durable_before_their_name_and_names_before_put_returns(storage, monkeypatch):
    steps = []
    fsync, rename = os.fsync, os.rename

    def recorded(descriptor):
        steps.append("directory" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", recorded)
    monkeypatch.setattr(os, "rename", lambda *a, **k: (steps.append("rename"), rename(*a, **k)))

    await storage.put("a/b/c", pieces(b"x"))

    assert steps == ["file", "rename", "directory", "directory", "directory"]


async def test_an_object_deleted_while_it_is_read_is_read_to_its_end(storage):
    content = os.urandom(3 * PIECE_BYTES)
    await storage.put("a/b", pieces(content))
    reading = storage.get("a/b")
    first = await anext(reading)

    await storage.delete("a/b")

    assert first + b"".join([piece async for piece in reading]) == content


async def test_a_file_cut_short_while_it_is_read_is_an_error_and_not_a_shorter_object(storage, folder):
    await storage.put("a", pieces(bytes(3 * PIECE_BYTES)))
    reading = storage.get("a")
    await anext(reading)
    os.truncate(folder / "a", PIECE_BYTES)

    with pytest.raises(StorageError, match="shorter"):
        await anext(reading)


async def test_deletes_and_puts_in_one_directory_do_not_hinder_each_other(storage, folder):
    async def come_and_go(name):
        for number in range(40):
            await storage.put(f"a/b/{name}", pieces(str(number).encode()))
            assert await read(storage, f"a/b/{name}") == str(number).encode()
            await storage.delete(f"a/b/{name}")

    await asyncio.gather(*(come_and_go(name) for name in "abcdefgh"))

    assert left_over(folder) == []


async def test_drafts_that_were_abandoned_are_removed_after_a_day(storage, folder):
    aside = folder / ASIDE
    for name, age_seconds in (("old", ABANDONED_SECONDS + 60), ("young", ABANDONED_SECONDS - 60)):
        (aside / name).touch()
        os.utime(aside / name, (time.time() - age_seconds,) * 2)

    await storage.prepare()

    assert [path.name for path in aside.iterdir()] == ["young"]


async def test_a_folder_that_cannot_be_written_does_not_check(storage, folder, monkeypatch):
    monkeypatch.setattr(os, "write", refusing(errno.ENOSPC))
    with pytest.raises(StorageError, match="full"):
        await storage.check()

    assert left_over(folder) == []


@pytest.mark.parametrize("unmounted", ["gone", "a-file"])
async def test_a_folder_that_is_not_there_is_no_missing_object(tmp_path, unmounted):
    (tmp_path / "a-file").touch()
    storage = FilesystemStorage(tmp_path / unmounted)

    for attempt in (
        storage.check(),
        storage.head("a"),
        read(storage, "a"),
        storage.put("a", pieces(b"x")),
        keys(storage),
    ):
        with pytest.raises(StorageError, match="cannot be entered") as refused:
            await attempt
        assert refused.value.retryable
        assert not isinstance(refused.value, ObjectNotFoundError)


async def test_a_folder_that_cannot_be_made_is_refused():
    with pytest.raises(StorageError) as refused:
        await FilesystemStorage(Path(__file__) / "files").prepare()

    assert not refused.value.retryable


async def test_a_draft_that_a_dead_put_has_left_is_found_and_removed(folder, storage):
    (folder / ".partial").mkdir(exist_ok=True)
    (folder / ".partial" / "draft").write_bytes(b"half")
    now = datetime.now(UTC)

    assert [name async for name in storage.remains(now - timedelta(minutes=1))] == []
    assert [name async for name in storage.remains(now + timedelta(minutes=1))] == ["draft"]
    await storage.discard("draft")
    await storage.discard("draft")

    assert os.listdir(folder / ".partial") == []  # noqa: PTH208 - names are what is compared
