"""What only a folder does: names that lead nowhere else, whole files whatever is killed, no debris."""

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
from storage import filesystem, folders
from storage.drafts import ABANDONED_SECONDS, ASIDE
from storage.filesystem import PIECE_BYTES, WRITE_BYTES, FilesystemStorage
from tests.storage.objects import pieces

NO_KEYS = [
    "", "/etc/passwd", "..", "../outside", "a/../../outside", "a/./b", "a//b", "a/", ".partial/a", ".hidden", "a\0b",
    "a\nb", "\ud800", "x" * 256, "a/" + "\u00e9" * 128,
]  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data" / "files"


@pytest.fixture
async def storage(folder):
    adapter = FilesystemStorage(folder)
    await adapter.prepare()
    return adapter


async def read(storage, key):
    return b"".join([piece async for piece in storage.get(key)])


async def keys(storage, prefix=""):
    return [found.key async for found in storage.list(prefix)]


def left_over(folder):
    """Everything below the folder but the place for drafts."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.name != ASIDE)


def refusing(number, *, after=0):
    """A call of the operating system that fails, perhaps not at once."""
    calls = iter(range(after))
    write = os.write

    def call(*arguments):
        if next(calls, None) is None:
            raise OSError(number, os.strerror(number))
        return write(*arguments)

    return call


@pytest.mark.parametrize("key", NO_KEYS, ids=ascii)
async def test_what_is_no_key_is_refused_and_leads_nowhere(storage, folder, key):
    (folder.parent / "outside").write_bytes(b"not yours")

    for attempt in (
        storage.put(key, pieces(b"x")),
        read(storage, key),
        storage.head(key),
        storage.delete(key),
    ):
        with pytest.raises(StorageError) as refused:
            await attempt
        assert not refused.value.retryable

    assert (folder.parent / "outside").read_bytes() == b"not yours"
    assert left_over(folder) == []


@pytest.mark.parametrize("prefix", ["..", "../", "a/../", "/", "//", "a\0"], ids=ascii)
async def test_a_prefix_that_no_key_has_lists_nothing(storage, folder, prefix):
    (folder.parent / "outside").write_bytes(b"not yours")
    await storage.put("a/b", pieces(b"x"))

    assert await keys(storage, prefix) == []


async def test_symbolic_links_are_not_followed(storage, folder):
    outside = folder.parent / "outside"
    outside.mkdir()
    (outside / "a").write_bytes(b"not yours")
    (folder / "linked").symlink_to(outside)
    (folder / "direct").symlink_to(outside / "a")

    for key in ("linked/a", "direct"):
        with pytest.raises(ObjectNotFoundError):
            await read(storage, key)
    await storage.delete("linked/a")
    with pytest.raises(StorageError):
        await storage.put("linked/a", pieces(b"x"))
    await storage.put("direct", pieces(b"ours"))

    assert (outside / "a").read_bytes() == b"not yours"
    assert await keys(storage) == ["direct"]


async def test_a_directory_is_no_object(storage):
    await storage.put("a/b", pieces(b"x"))

    with pytest.raises(ObjectNotFoundError):
        await storage.head("a")
    with pytest.raises(ObjectNotFoundError):
        await storage.head("a/b/c")
    await storage.delete("a")
    with pytest.raises(StorageError):
        await storage.put("a", pieces(b"x"))

    assert await keys(storage) == ["a/b"]


async def test_a_long_list_comes_whole_and_in_order(storage, monkeypatch):
    monkeypatch.setattr(filesystem, "LISTED_AT_ONCE", 3)
    expected = sorted(f"{above}/{number}" for above in ("a", "a/b", "b") for number in range(5))
    for key in expected:
        await storage.put(key, pieces(b"x"))

    assert await keys(storage) == expected


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


async def test_nobody_else_may_read_what_is_kept(storage, folder):
    await storage.put("a/b", pieces(b"x"))

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
    assert modes == {"files": 0o700, ASIDE: 0o700, "a": 0o700, "b": 0o600}


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


async def test_deleting_the_last_object_removes_its_directories(storage, folder):
    await storage.put("a/b/c", pieces(b"x"))
    await storage.put("a/d", pieces(b"x"))

    await storage.delete("a/b/c")
    assert left_over(folder) == ["a", "a/d"]
    await storage.delete("a/d")
    assert left_over(folder) == []


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
