"""Each source names all that it holds, once and in one order, and reads it."""

from __future__ import annotations

import pytest
from bson import ObjectId
from gridfs.asynchronous.grid_file import AsyncGridFSBucket

from errors import FetchFailedError, InvalidInputError
from processing.adopting import ItemUnreadableError
from processing.adopting.fields import Fields
from processing.adopting.in_collection import InCollection
from processing.adopting.in_gridfs import InGridFS
from processing.adopting.in_storage import InStorage
from processing.fetch import Fetcher
from storage import keys
from storage.gridfs import GridFSStorage
from tests.processing.adopting.conftest import pieces, read
from tests.processing.fetch.conftest import LIMITS, Names
from tests.processing.fetch.origin import HOST, Origin, ok

pytestmark = pytest.mark.mongo
FIELDS = Fields("user.email", "text", "tags", "name")


async def all_of(source):
    return [item async for item in source.items()]


@pytest.fixture
async def origin():
    async with Origin().listening() as server:
        yield server


@pytest.fixture
async def old(database):
    await database.drop_collection("old_photos")
    return database["old_photos"]


@pytest.fixture
async def in_collection(old, origin):
    fetcher = Fetcher(LIMITS, Names(origin_test="127.0.0.1"), [(HOST, origin.port)])
    return InCollection(old, "db.test:27017", fetcher, "image.url", FIELDS)


async def test_documents_are_read_under_the_names_that_are_given(in_collection, old, origin):
    origin.answers = {"/a.jpg": ok(b"bytes")}
    image = {"url": origin.url()}
    said = {
        "user": {"email": "ann@example.com"},
        "text": "At the sea",
        "tags": ["sea", 2026],
        "name": "b.jpg",
    }
    await old.insert_many([{"_id": 1, "image": image, **said}, {"_id": 2, "image": image, "tags": "a, b,,"}])

    first, second = await all_of(in_collection)

    assert (first.id, first.owner, first.caption, first.tags) == (
        "1", "ann@example.com", "At the sea", ["sea", "2026"],
    )  # fmt: skip
    assert (second.owner, second.caption, second.tags) == (None, None, ["a", "b"])
    assert await read(first) == ("b.jpg", b"bytes")
    assert await read(second) == ("a.jpg", b"bytes")
    assert in_collection.name == "mongo:db.test:27017/units_main.old_photos#image.url".replace(
        "units_main", old.database.name
    )


async def test_a_document_with_several_addresses_is_several_items(in_collection, old):
    await old.insert_one({"_id": 1, "image": {"url": ["http://a.test/1", "http://a.test/2"]}})

    assert [item.id for item in await all_of(in_collection)] == ["1:0", "1:1"]


async def test_documents_of_many_pages_and_ids_of_many_kinds_come_once(in_collection, old):
    ids = [*range(150), *(f"s{n}" for n in range(150)), *(ObjectId() for _ in range(150)), 1.5]
    await old.insert_many([{"_id": found} for found in ids])

    found = [item.id for item in await all_of(in_collection)]

    assert sorted(found) == sorted(map(str, ids))
    assert found == [item.id for item in await all_of(in_collection)]
    assert await in_collection.count() == len(ids)


@pytest.mark.parametrize(
    ("image", "error"),
    [
        (None, ItemUnreadableError),
        ({"url": ""}, ItemUnreadableError),
        ({"url": {"large": "x"}}, ItemUnreadableError),
        ({"url": "file:///etc/passwd"}, InvalidInputError),
        ({"url": "http://127.0.0.1/"}, FetchFailedError),
    ],
)
async def test_a_document_without_an_address_that_leads_outside_is_an_item_that_cannot_be_read(
    in_collection, old, image, error
):
    await old.insert_one({"image": image})
    (item,) = await all_of(in_collection)

    with pytest.raises(error):
        await read(item)


@pytest.fixture
async def bucket(database):
    for part in ("files", "chunks"):
        await database.drop_collection(f"photos.{part}")
    return AsyncGridFSBucket(database, "photos")


async def test_files_of_gridfs_are_read_with_their_metadata(database, bucket):
    content = bytes(range(256)) * 3_000
    metadata = {"owner": 7, "about": "At the sea", "tags": ["sea"]}
    first = await bucket.upload_from_stream("a.jpg", content, metadata=metadata)
    second = await bucket.upload_from_stream("a.jpg", b"")
    source = InGridFS(
        database, "db.test", "photos", Fields("metadata.owner", "metadata.about", "metadata.tags")
    )

    items = {item.id: item for item in await all_of(source)}

    item = items[str(first)]
    assert (item.owner, item.caption, item.tags) == ("7", "At the sea", ["sea"])
    assert await read(item) == ("a.jpg", content)
    assert await read(items[str(second)]) == ("a.jpg", b"")
    assert (await source.count(), source.name) == (2, f"gridfs:db.test/{database.name}.photos")


async def test_a_file_of_gridfs_whose_chunks_are_missing_cannot_be_read(database, bucket):
    await bucket.upload_from_stream("a.jpg", b"x" * 600_000)
    await database["photos.chunks"].delete_one({"n": 1})
    (item,) = await all_of(InGridFS(database, "db.test", "photos", Fields()))

    with pytest.raises(ItemUnreadableError):
        await read(item)


async def test_what_darkroom_keeps_in_gridfs_is_left_out(database, bucket, owner_id):
    storage = GridFSStorage(database, "photos")
    for key in (keys.original(str(owner_id), "a" * 24), keys.staged(str(owner_id), "a" * 24)):
        await storage.put(key, pieces(b"ours"))
    await bucket.upload_from_stream("a.jpg", b"theirs")

    assert len(await all_of(InGridFS(database, "db.test", "photos", Fields()))) == 1


async def test_objects_are_read_below_a_prefix_and_a_part_of_their_key_is_their_owner(storage, owner_id):
    ours = keys.original(str(owner_id), "a" * 24)
    for key in (
        "users/ann/a.jpg",
        "users/ben/2026/b.jpg",
        "users/c.jpg",
        "users/",
        "users/ann/",
        "other/d.jpg",
        ours,
    ):
        await storage.put(key, pieces(key.encode()))

    items = await all_of(InStorage(storage, "bucket", "users/", 2))

    assert [(item.id, item.owner) for item in items] == [
        ("users/ann/a.jpg", "ann"), ("users/ben/2026/b.jpg", "ben"), ("users/c.jpg", None),
    ]  # fmt: skip
    assert await read(items[1]) == ("b.jpg", b"users/ben/2026/b.jpg")
    assert [item.id for item in await all_of(InStorage(storage, "bucket", "", None))] == [
        "other/d.jpg", "users/ann/a.jpg", "users/ben/2026/b.jpg", "users/c.jpg",
    ]  # fmt: skip
