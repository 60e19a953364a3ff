"""A name leads into the folder, to what is kept under it, and nowhere else."""

from __future__ import annotations

import stat

import pytest

from errors import ObjectNotFoundError, StorageError
from storage import filesystem
from storage.drafts import ASIDE
from tests.storage.filesystem.folder import keys, left_over, read
from tests.storage.objects import pieces

NO_KEYS = [
    "", "/etc/passwd", "..", "../outside", "a/../../outside", "a/./b", "a//b", "a/", ".partial/a", ".hidden", "a\0b",
    "a\nb", "\ud800", "x" * 256, "a/" + "\u00e9" * 128,
]  # fmt: skip


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


async def test_nobody_else_may_read_what_is_kept(storage, folder):
    await storage.put("a/b", pieces(b"x"))

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
    assert modes == {"files": 0o700, ASIDE: 0o700, "a": 0o700, "b": 0o600}


async def test_deleting_the_last_object_removes_its_directories(storage, folder):
    await storage.put("a/b/c", pieces(b"x"))
    await storage.put("a/d", pieces(b"x"))

    await storage.delete("a/b/c")
    assert left_over(folder) == ["a", "a/d"]
    await storage.delete("a/d")
    assert left_over(folder) == []
