"""`darkroom reconcile` and `darkroom migrate-storage`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from beanie import PydanticObjectId

from models.batch import Batch
from models.image import Image, StoredAt
from storage import keys
from tests import catalogues
from tests.catalogues import PENDING, Row

NOBODY = "b" * 24


async def stray(database, storage, owner_id, age=timedelta(days=2)):
    async def pieces():
        yield b"stray"

    key = keys.original(str(owner_id), NOBODY)
    await storage.put(key, pieces())
    changes = {"$set": {"uploadDate": datetime.now(UTC) - age}}
    await database["fs.files"].update_one({"filename": key}, changes)
    return key


async def submitted(storage, owner_id):
    """A batch with its manifest."""

    async def pieces():
        yield b"manifest"

    batch_id = PydanticObjectId()
    at = StoredAt(kind=storage.kind, key=keys.manifest(str(owner_id), str(batch_id)))
    await storage.put(at.key, pieces())
    await Batch.get_pymongo_collection().delete_many({})
    return (await catalogues.keep(owner_id, Row("Lamp", [PENDING]), id=batch_id, manifest=at)).batch


async def keys_of(storage):
    return {stored.key async for stored in storage.list("")}


# ------------------------------------------------------------------ reconcile


@pytest.mark.mongo
async def test_reconcile_says_what_it_would_do_and_then_does_it(
    darkroom, database, storage, developed, owner_id
):
    await developed(owner_id)
    key = await stray(database, storage, owner_id)

    would = darkroom("reconcile", "--dry-run")
    assert key in await keys_of(storage)
    does = darkroom("reconcile")

    assert [status for status, _ in (would, does)] == [0, 0]
    assert would[1]["strays"] == does[1]["strays"] == {"originals": 1}
    assert (does[1]["images"], does[1]["objects"], does[1]["stray_bytes"]) == (1, 4, 5)
    assert key not in await keys_of(storage)
    assert len(await keys_of(storage)) == 3


@pytest.mark.mongo
async def test_the_grace_is_what_it_was_set_to(darkroom, run, database, storage, owner_id):
    key = await stray(database, storage, owner_id, timedelta(hours=3))

    darkroom("reconcile", "--grace-hours", "4")
    assert key in await keys_of(storage)
    darkroom("reconcile", "--grace-hours", "2")
    assert key not in await keys_of(storage)
    assert run("reconcile", "--grace-hours", "0").returncode == 2


@pytest.mark.mongo
async def test_what_nobody_known_owns_is_deleted_only_if_it_is_asked_for(darkroom, database, storage):
    key = await stray(database, storage, "c" * 24)

    left_alone = darkroom("reconcile")
    assert key in await keys_of(storage)
    deleted = darkroom("reconcile", "--unknown-owners")

    assert (left_alone[0], left_alone[1]["unclaimed"]) == (1, 1)
    assert (deleted[0], deleted[1]["strays"]) == (0, {"originals": 1})
    assert await keys_of(storage) == set()


@pytest.mark.mongo
async def test_a_missing_original_is_named_and_ends_with_status_1(
    darkroom, run, mongo_uri, database, storage, developed, owner_id
):
    image = await developed(owner_id)
    await storage.delete(image.storage.key)

    status, found = darkroom("reconcile")
    told = run("reconcile", MONGODB_URI=mongo_uri, MONGODB_DATABASE=database.name)

    assert (status, found["originals_missing"]["image_ids"]) == (1, [str(image.id)])
    assert told.returncode == 1
    assert f"1, nothing is deleted: {image.id}" in told.stdout
    assert await Image.get(image.id)


# ------------------------------------------------------------------ migrate-storage

THERE = ("migrate-storage", "--from", "gridfs", "--to", "filesystem")


@pytest.mark.mongo
async def test_a_migration_is_shown_beforehand_and_then_done(
    darkroom, storage, developed, owner_id, tmp_path
):
    images = [await developed(owner_id, seed) for seed in range(3)]
    batch = await submitted(storage, owner_id)

    would = darkroom(*THERE, "--dry-run")
    assert not (tmp_path / "files").exists()
    does = darkroom(*THERE, STORAGE="filesystem")
    again = darkroom(*THERE, STORAGE="filesystem")

    size_bytes = sum(image.size_bytes for image in images)
    assert would == (0, {"images": 3, "original_bytes": size_bytes, "unfinished": 0, "manifests": 1})
    assert (does[0], does[1]["moved"], does[1]["left"]["images"]) == (0, 3, 0)
    assert (again[0], again[1]["moved"]) == (0, 0)
    assert {(await Image.get(image.id)).storage.kind for image in images} == {"filesystem"}
    assert does[1]["manifests"] == {"moved": 1, "problems": {}, "left": 0}
    assert (await Batch.get(batch.id)).manifest.kind == "filesystem"


@pytest.mark.mongo
def test_a_dry_run_says_what_the_new_storage_lacks(run, mongo_uri):
    said = run("migrate-storage", "--from", "gridfs", "--to", "s3", "--dry-run", MONGODB_URI=mongo_uri)

    assert said.returncode == 2
    assert said.stderr.splitlines()[-1].startswith("darkroom: S3_BUCKET: found nothing")


@pytest.mark.mongo
async def test_what_could_not_be_moved_is_named_and_ends_with_status_1(
    darkroom, storage, developed, owner_id
):
    image = await developed(owner_id)
    await storage.delete(image.storage.key)

    status, migrated = darkroom(*THERE, "--wait", "0")

    assert (status, list(migrated["problems"]), migrated["left"]["images"]) == (1, [str(image.id)], 1)


@pytest.mark.mongo
async def test_a_migration_warns_while_new_uploads_go_on_landing_in_the_old_storage(
    run, mongo_uri, database, storage
):
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": database.name}

    warned, unwarned = (run(*THERE, STORAGE=kind, **settings) for kind in ("gridfs", "filesystem"))

    assert "STORAGE is gridfs: new uploads go on landing there" in warned.stderr
    assert unwarned.stderr == ""
    assert "0 images" in warned.stdout


@pytest.mark.mongo
@pytest.mark.parametrize(
    ("source", "target", "wrong"),
    [("gridfs", "gridfs", "--to"), ("tape", "gridfs", "--from"), ("gridfs", "tape", "--to"),
     ("filesystem", "gridfs", "--from")],
)  # fmt: skip
def test_a_migration_that_makes_no_sense_is_refused(run, database, mongo_uri, source, target, wrong):
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": database.name}

    done = run("migrate-storage", "--from", source, "--to", target, **settings)

    assert done.returncode == 2
    assert f"Invalid value for {wrong}" in done.stderr


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (("reconcile", "--grace-hours", "0.5"), "--grace-hours"),
        (("reconcile", "--grace-hours", "1e30"), "--grace-hours"),
        (("purge-trash", "--older-than-days", "-1"), "--older-than-days"),
        (("purge-trash", "--older-than-days", "9999999999"), "--older-than-days"),
    ],
)
def test_times_that_no_calendar_has_are_refused(run, words, option):
    done = run(*words)

    assert done.returncode == 2
    assert f"Invalid value for '{option}'" in done.stderr
