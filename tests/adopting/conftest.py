"""`darkroom adopt` as an operator types it, and somebody to own what it takes over."""

from __future__ import annotations

import asyncio
import json
import os
import sys

import pytest

from models.adoption import Adoption
from models.image import Image
from models.tally import Tally
from models.user import User
from models.work import Work
from tests.service import ROOT


@pytest.fixture
def darkroom(database, mongo_uri, tmp_path):
    """Runs `darkroom adopt` on the tests' own database: its exit status, and what it says."""

    async def run(*words, **settings):
        environment = {
            "PATH": os.environ["PATH"],
            "COLUMNS": "200",
            "DATA_DIR": str(tmp_path),
            "MONGODB_URI": mongo_uri,
            "MONGODB_DATABASE": database.name,
            **settings,
        }
        process = await asyncio.create_subprocess_exec(
            *[sys.executable, "-m", "cli", "adopt", *words],
            env=environment,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said, complained = await process.communicate()
        return process.returncode, said.decode() or complained.decode()

    return run


@pytest.fixture
async def ann(database):
    for document in (Adoption, Image, Tally, User, Work):
        await document.get_pymongo_collection().delete_many({})
    return await User(email="ann@example.com", password_hash="-").insert()


def outcome(answer):
    status, said = answer
    return status, {
        name: count for name, count in json.loads(said).items() if isinstance(count, int) and count
    }
