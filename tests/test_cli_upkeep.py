"""The operator's commands, as an operator types them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from anyio import CapacityLimiter

import embedded
from models.image import Image
from models.leftover import Leftover
from models.tally import Tally
from models.user import User
from models.work import Work
from processing import upkeep
from processing.item import DevelopImage
from storage import keys
from storage.adapters import Storages
from storage.gridfs import GridFSStorage
from tests import pictures
from tests.processing.taking_in import development, take_in

ROOT = Path(__file__).parent.parent
NOBODY = "b" * 24


@pytest.fixture
def run(tmp_path):
    def run_(*words, **settings):
        environment = {"PATH": os.environ["PATH"], "COLUMNS": "200", "DATA_DIR": str(tmp_path), **settings}
        command = [sys.executable, "-m", "cli", *words]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    return run_


@pytest.fixture
def darkroom(run, database, mongo_uri):
    """Runs a command on the tests' own database: its exit status, and what it says as JSON."""

    def run_(*words, **settings):
        done = run(*words, "--json", MONGODB_URI=mongo_uri, MONGODB_DATABASE=database.name, **settings)
        return done.returncode, json.loads(done.stdout)

    return run_


@pytest.fixture
async def storage(database):
    for document in (Image, User, Tally, Leftover, Work):
        await document.get_pymongo_collection().delete_many({})
    for collection in ("fs.files", "fs.chunks"):
        await database[collection].delete_many({})
    gridfs = GridFSStorage(database)
    await gridfs.prepare()
    return gridfs


@pytest.fixture
def developed(storage):
    async def take(owner_id, seed=0):
        image = (await take_in(owner_id, pictures.jpeg(seed=seed), storage)).image
        await DevelopImage(Storages(storage), CapacityLimiter(1)).run(development(image))
        return image

    return take


async def stray(database, storage, owner_id, age=timedelta(days=2)):
    async def pieces():
        yield b"stray"

    key = keys.original(str(owner_id), NOBODY)
    await storage.put(key, pieces())
    changes = {"$set": {"uploadDate": datetime.now(UTC) - age}}
    await database["fs.files"].update_one({"filename": key}, changes)
    return key


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
async def test_a_migration_is_shown_beforehand_and_then_done(darkroom, developed, owner_id, tmp_path):
    images = [await developed(owner_id, seed) for seed in range(3)]

    would = darkroom(*THERE, "--dry-run")
    assert not (tmp_path / "files").exists()
    does = darkroom(*THERE, STORAGE="filesystem")
    again = darkroom(*THERE, STORAGE="filesystem")

    size_bytes = sum(image.size_bytes for image in images)
    assert would == (0, {"images": 3, "original_bytes": size_bytes, "unfinished": 0})
    assert (does[0], does[1]["moved"], does[1]["left"]["images"]) == (0, 3, 0)
    assert (again[0], again[1]["moved"]) == (0, 0)
    assert {(await Image.get(image.id)).storage.kind for image in images} == {"filesystem"}


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


# ------------------------------------------------------------------ purge-trash


@pytest.fixture
async def trashed(developed):
    """Somebody with an image that has been in the trash for so long: the image."""

    async def trash(email, age):
        user = await User(email=email, password_hash="").insert()
        image = await developed(user.id)
        await upkeep.trash(user.id, image.id)
        await Image.find({"_id": image.id}).update({"$set": {"trashed_at": datetime.now(UTC) - age}})
        return image

    return trash


async def left():
    return {image.id for image in await Image.find().to_list()}


@pytest.mark.mongo
async def test_the_trash_is_shown_and_then_emptied_of_what_was_long_enough_in_it(darkroom, trashed):
    old = await trashed("ann@example.com", timedelta(days=31))
    young = await trashed("ben@example.com", timedelta(days=29))

    would = darkroom("purge-trash", "--dry-run")
    assert await left() == {old.id, young.id}
    does = darkroom("purge-trash")

    outcome = {"images": 1, "original_bytes": old.size_bytes, "failed": 0}
    assert would == (0, {"dry_run": True, **outcome})
    assert does == (0, {"dry_run": False, **outcome})
    assert await left() == {young.id}


@pytest.mark.mongo
async def test_all_that_one_person_has_in_the_trash_can_be_deleted(
    darkroom, run, database, mongo_uri, trashed
):
    anns = await trashed("ann@example.com", timedelta())
    bens = await trashed("ben@example.com", timedelta(days=99))

    done = darkroom("purge-trash", "--older-than-days", "0", "--owner", "Ann@Example.com")
    nobody = run(
        "purge-trash", "--owner", "eve@example.com", MONGODB_URI=mongo_uri, MONGODB_DATABASE=database.name
    )

    assert done[1]["images"] == 1
    assert anns.id not in await left()
    assert bens.id in await left()
    assert nobody.returncode == 2
    assert "nobody has the address 'eve@example.com'" in nobody.stderr


# ------------------------------------------------------------------ all of them


@pytest.mark.parametrize("command", ["reconcile", "purge-trash", "migrate-storage"])
def test_each_command_has_examples_in_its_help(run, command):
    done = run(command, "--help")

    assert done.returncode == 0
    assert f"darkroom {command}" in done.stdout.partition("Examples:")[2]
    assert "--dry-run" in done.stdout


def test_help_loads_nothing_that_takes_long():
    heavy = {"pymongo", "beanie", "rich.progress", "processing", "models"}
    script = f"import sys, cli; sys.exit(', '.join({heavy} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.stderr.strip() == ""


def test_without_a_mongodb_one_line_says_what_to_do(run, tmp_path):
    done = run("reconcile")

    assert done.returncode == 2
    assert done.stderr == (
        f"darkroom: MONGODB_URI: found nothing, and no `darkroom run` at work on {tmp_path}/mongodb; "
        "start it, or set MONGODB_URI\n"
    )


async def test_the_mongodb_of_darkroom_run_is_found(run, tmp_path):
    async with embedded.mongod(tmp_path / "mongodb"):
        done = run("reconcile", "--json")

    assert (done.returncode, json.loads(done.stdout)["images"]) == (0, 0)
    assert embedded.running(tmp_path / "mongodb") is None
