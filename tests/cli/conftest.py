"""The command as an operator types it, and a database with nothing of other tests in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.image import Image
from models.leftover import Leftover
from models.tally import Tally
from models.user import User
from models.work import Work
from processing.item import DevelopImage
from processing.queue.memory import MemoryQueue
from storage.adapters import Storages
from storage.gridfs import GridFSStorage
from tests import pictures
from tests.cli import typed
from tests.processing.in_process import InProcess
from tests.processing.taking_in import development, take_in

ROOT = Path(__file__).parents[2]


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
def as_ann(ann, tmp_path):
    """Runs a command as Ann, at her service: its exit status, and what it says, on both streams."""

    async def run_(*words, **environment):
        return await typed.said(await typed.started(ann, tmp_path, *words, **environment))

    return run_


@pytest.fixture
async def owner_id(storage):
    return (await User(email="owner@example.com", password_hash="").insert()).id


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
        await DevelopImage(Storages(storage), MemoryQueue(), InProcess()).run(development(image))
        return image

    return take
