"""Storages beside a database with nothing of other tests in it."""

from __future__ import annotations

import pytest

from models.image import Image
from models.leftover import Leftover
from models.tally import Tally
from models.user import User
from models.work import Work
from processing import migrate
from processing.item import DevelopImage
from processing.queue.memory import MemoryQueue
from storage.adapters import Storages
from storage.memory import MemoryStorage
from tests import pictures
from tests.processing.in_process import InProcess
from tests.processing.storages import aging
from tests.processing.taking_in import development, take_in


@pytest.fixture(autouse=True)
async def nothing_else(database):
    for document in (Image, User, Tally, Leftover, Work):
        await document.get_pymongo_collection().delete_many({})


@pytest.fixture
async def owner_id(nothing_else):
    return (await User(email="owner@example.com", password_hash="").insert()).id


@pytest.fixture(params=aging.KINDS)
async def storage(request, database, tmp_path):
    return await aging.opened(request.param, database, tmp_path)


@pytest.fixture
def developed(storage):
    async def take(owner_id, seed=0, at=storage):
        image = (await take_in(owner_id, pictures.jpeg(seed=seed), at)).image
        await DevelopImage(Storages(at), MemoryQueue(), InProcess()).run(development(image))
        return await Image.get(image.id)

    return take


@pytest.fixture
def target():
    storage = MemoryStorage()
    storage.kind = "target"
    return storage


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(migrate, "FIRST_PAUSE_SECONDS", 0)
    monkeypatch.setattr(migrate, "LOOK_AGAIN_SECONDS", 0.01)
