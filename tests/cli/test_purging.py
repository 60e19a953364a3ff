"""`darkroom purge-trash`, and what all the commands of upkeep have in common."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import embedded
from models.image import Image
from models.user import User
from processing import upkeep

ROOT = Path(__file__).parents[2]


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
    heavy = {"pymongo", "beanie", "aiohttp", "rich.progress", "processing", "models", "client", "schema"}
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
