"""What only ImageKit does: files with ids, a search that is late, caches that go on delivering."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from dataclasses import replace

import pytest

from errors import ObjectNotFoundError, StorageError
from storage import keys
from storage.imagekit import api, index
from storage.imagekit.adapter import ImageKitStorage
from tests.imagekit.faults import Fault
from tests.imagekit.server import PRIVATE_KEY, PUBLIC_KEY
from tests.service import ROOT
from tests.storage.objects import pieces, read

MIB = 2**20
SERVE = """
import sys
from tests.imagekit.server import FakeImageKit
with FakeImageKit() as fake:
    print(fake.url, flush=True)
    sys.stdin.read()
"""


async def listed(storage, prefix):
    return [found.key async for found in storage.list(prefix)]


async def test_an_upload_whose_answer_is_lost_is_sent_again_and_makes_no_second_file(fake, storage, key):
    fake.faults.append(Fault("POST", "/upload", "lose", times=2))

    await storage.put(key, pieces(b"bytes"))

    assert fake.asked.count("POST /api/v1/files/upload") == 3
    assert [file.path for file in fake.library.files.values()] == [f"/{key}"]
    assert await read(storage, key) == b"bytes"


async def test_a_file_is_private(fake, storage, key, http):
    await storage.put(key, pieces(b"bytes"))

    async with http.get(f"{fake.url}/media/{key}") as response:
        assert response.status == 401


async def test_a_folder_of_a_replaced_original_has_a_name_that_imagekit_leaves_as_it_is(
    fake, storage, elsewhere
):
    original = keys.next_original("a" * 24, "b" * 24)
    variant = keys.variant(original, "thumbnail")
    of_image, _, token = original.removeprefix(keys.ORIGINALS).rpartition(".")

    await storage.put(original, pieces(b"original"))
    await storage.put(variant, pieces(b"variant"))

    assert [path.rpartition("/")[0] for path in fake.library.files] == [
        f"/originals/{'a' * 24}",
        f"/variants{of_image}_{token}",
    ]
    assert await read(elsewhere, variant) == b"variant"
    for prefix in (f"variants{of_image}", f"variants{of_image}.", keys.variants_prefix(original), "v"):
        assert await listed(elsewhere, prefix) == [variant]


async def test_what_somebody_has_moved_is_no_longer_there(fake, storage, key):
    await storage.put(key, pieces(b"bytes"))
    file = fake.library.files.pop(f"/{key}")
    fake.library.files["/moved"] = replace(file, above="/", name="moved")

    with pytest.raises(ObjectNotFoundError):
        await storage.head(key)


@pytest.mark.parametrize("wrong", ["a b", "../a", "a//b", "a/", "", "a_b/c", 'a" OR name : "', "á"])
async def test_a_key_that_would_become_another_name_is_refused(fake, storage, wrong):
    with pytest.raises(StorageError) as refused:
        await storage.put(wrong, pieces(b"bytes"))

    assert not refused.value.retryable
    assert not fake.asked


async def test_a_prefix_that_no_key_has_lists_nothing(fake, storage):
    assert await listed(storage, 'a" OR name : "') == []
    assert await listed(storage, "a_b/") == []
    assert not fake.asked


async def test_a_list_leaves_out_what_lies_beside_it(fake, storage, key):
    await storage.put(key, pieces(b"bytes"))
    fake.library.put("/", "holiday photo.jpg", b"another's", is_private=False, is_unique=False)
    fake.library.put("/some.where", "else.jpg", b"another's", is_private=False, is_unique=False)

    assert await listed(storage, "originals") == [key]


async def test_a_long_list_comes_in_pages_and_whole_though_files_are_deleted_meanwhile(
    fake, storage, monkeypatch
):
    monkeypatch.setattr(api, "PAGE", 20)
    monkeypatch.setattr(index, "PAGE", 20)
    names = [f"variants/owner/image/{number:03}" for number in range(90)]
    for name in names:
        fake.library.put(*name.rsplit("/", 1), b"x", is_private=True, is_unique=False)
    search = storage._api.search

    async def search_and_lose_some(query, *, skip=0):
        page = await search(query, skip=skip)
        for file in list(fake.library.files.values())[:12]:
            fake.library.delete(file)
        return page

    monkeypatch.setattr(storage._api, "search", search_and_lose_some)

    found = await listed(storage, "variants/")

    assert found == sorted(set(found))
    assert {path.removeprefix("/") for path in fake.library.files} <= set(found) <= set(names)


async def test_what_another_process_has_just_put_is_read_before_the_search_knows_it(
    fake, storage, elsewhere, key
):
    fake.library.is_late = True
    stored = await elsewhere.put(key, pieces(b"bytes"))

    found = await storage.head(key)

    assert (found.key, found.size_bytes) == (key, 5)
    assert abs((found.written_at - stored.written_at).total_seconds()) < 2
    assert await read(storage, key, start=1, end=3) == b"yt"


async def test_what_another_process_has_just_put_is_deleted_once_the_search_knows_it(
    fake, storage, elsewhere, key
):
    fake.library.is_late = True
    await elsewhere.put(key, pieces(b"bytes"))

    with pytest.raises(StorageError) as early:
        await storage.delete(key)
    assert early.value.retryable
    assert fake.library.files

    fake.library.catch_up()
    await storage.delete(key)
    assert not fake.library.files


async def test_what_another_process_has_deleted_is_gone_before_the_search_knows_it(
    fake, storage, elsewhere, key
):
    await elsewhere.put(key, pieces(b"bytes"))
    await read(storage, key)
    fake.library.is_late = True
    await elsewhere.delete(key)

    with pytest.raises(ObjectNotFoundError):
        await storage.head(key)
    with pytest.raises(ObjectNotFoundError):
        await read(storage, key)
    await storage.delete(key)


async def test_what_was_deleted_here_is_not_listed_though_the_search_still_knows_it(fake, storage, key):
    for name in (f"{key}/a", f"{key}/b"):
        await storage.put(name, pieces(b"bytes"))
    fake.library.is_late = True
    await storage.delete(f"{key}/a")

    assert await listed(storage, f"{key}/") == [f"{key}/b"]
    assert await listed(storage, "originals/") == [f"{key}/b"]


async def test_what_another_process_has_put_anew_is_found_under_its_new_id(fake, storage, elsewhere, key):
    await storage.put(key, pieces(b"old"))
    await elsewhere.delete(key)
    await elsewhere.put(key, pieces(b"newer"))

    assert (await storage.head(key)).size_bytes == 5
    await storage.delete(key)
    assert not fake.library.files


async def test_reading_goes_past_the_caches(storage, elsewhere, key):
    await storage.put(key, pieces(b"old"))
    await read(storage, key)
    await elsewhere.put(key, pieces(b"new"))

    assert await read(storage, key) == b"new"


async def test_an_address_of_what_was_deleted_leads_nowhere(storage, key, http):
    await storage.put(key, pieces(b"bytes"))
    link = await storage.link(key, media_type="image/png", filename="x.png", ttl_seconds=60)
    async with http.get(link) as response:
        assert await response.read() == b"bytes"

    await storage.delete(key)

    async with http.get(link) as response:
        assert response.status == 404


async def test_a_purge_that_is_refused_stops_no_deletion_and_no_further_one_is_tried(fake, storage, key):
    fake.faults.append(Fault("POST", "/purge", "refuse", status=429, times=5))
    for name in (key, f"{key}2"):
        await storage.put(name, pieces(b"bytes"))
        await storage.delete(name)

    assert not fake.library.files
    assert fake.asked.count("POST /v1/files/purge") == 1


@pytest.fixture
def apart():
    """Where a fake in a process of its own is."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True
    ) as process:
        yield process.stdout.readline().strip()
        process.stdin.close()


async def test_200_mib_move_in_constant_memory(apart, key):
    piece = bytes(64 * 1024)
    storage = ImageKitStorage(
        private_key=PRIVATE_KEY, public_key=PUBLIC_KEY, url_endpoint=f"{apart}/media", base_url=apart
    )
    tracemalloc.start()

    await storage.put(key, pieces(*[piece] * (200 * MIB // len(piece))))
    moved = 0
    async for part in storage.get(key):
        moved += len(part)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    await storage.close()

    assert moved == 200 * MIB
    assert peak < 16 * MIB
