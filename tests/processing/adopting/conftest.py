"""A source that holds what a test puts in."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial

import pytest

from models.adoption import Adoption
from models.values import MetadataPolicy
from processing.adopting import Adopter, Item
from processing.adopting.base import Opened
from processing.ingest import Intake, Labels
from processing.queue.memory import MemoryQueue
from processing.quota import limited_to
from processing.register import Register
from storage.memory import MemoryStorage
from tests.processing.taking_in import LIMITS


class Box:
    """Items by id: bytes, or what opening them raises. Keeps which were opened."""

    def __init__(self, name):
        self.name = name
        self.contents = {}
        self.owners = {}
        self.opened = []

    async def count(self):
        return len(self.contents)

    async def items(self):
        for item_id, content in self.contents.items():
            opening = partial(self._open, item_id, content)
            yield Item(item_id, self.owners.get(item_id), opening, f"says {item_id}", ["old"])

    @asynccontextmanager
    async def _open(self, item_id, content):
        self.opened.append(item_id)
        if isinstance(content, Exception):
            raise content
        yield Opened(f"{item_id}.jpg", pieces(content))


async def pieces(content):
    yield content


async def read(item):
    """The filename and the bytes of an item."""
    async with item.open() as opened:
        return opened.filename, b"".join([bytes(piece) async for piece in opened.pieces])


@pytest.fixture
async def box(database, request):
    await Adoption.get_pymongo_collection().delete_many({})
    return Box(request.node.name)


@pytest.fixture
def storage():
    return MemoryStorage()


@pytest.fixture
def adopt(box, storage, owner_id):
    """Takes the box over for `owner_id`; only who is called nobody is nobody."""

    async def owner_of(said):
        return None if said == "nobody" else owner_id

    def labels(item):
        return Labels(item.caption, list(item.tags), MetadataPolicy.STRIP_ALL)

    def run(intake=None, **how):
        entrance = intake or Intake(storage, Register(MemoryQueue()), LIMITS, limited_to(None))
        adopter = Adopter(entrance, owner_of, labels, parallel=4, passed=lambda: passed.append(1))
        return adopter.run(box, **how)

    passed = []
    run.passed = passed
    return run
