"""Migrations that tests start, and what they leave."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from models import holdings
from models.image import Image
from processing.copying import Copier
from processing.migrate import Migration
from processing.queue.mongo import MongoQueue
from tests.processing.storages.aging import read


@dataclass(frozen=True)
class Interrupted(Copier):
    """Something happens between the copying and the swap."""

    by: Any = None

    async def copy(self, holding):
        copied = await super().copy(holding)
        await self.by(holding)
        return copied


def moving(copier, **options):
    return Migration(copier, MongoQueue(), **{"wait_seconds": 0, **options})


def move(copier, **options):
    return moving(copier, **options).run()


async def named(image):
    """The keys that the image's document names."""
    return set((await holdings.look(image.id)).keys)


async def whole(image, storage):
    """Whether everything that the document names lies there, the original with its checksum."""
    now = await Image.get(image.id)
    content = await read(storage, now.storage.key)
    presets = [len(await read(storage, variant.key)) for variant in now.variants]
    return (
        now.storage.kind == storage.kind
        and hashlib.sha256(content).hexdigest() == image.checksum_sha256
        and presets == [variant.size_bytes for variant in image.variants]
    )
