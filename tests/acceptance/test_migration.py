"""All images move to another storage and on while the service is used, and a migration is killed on the way."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import signal
import sys
from contextlib import ExitStack, asynccontextmanager

import pytest
from pymongo import AsyncMongoClient

from tests import pictures
from tests.client import Person
from tests.service import ROOT, Service
from tests.services import PROVIDERS

ROUTES = [("gridfs", "filesystem", "gridfs"), ("gridfs", "s3", "filesystem")]
COUNTS = [30, pytest.param(1_000, marks=pytest.mark.long)]
READERS, UPLOADERS = 3, 1
LONGEST_SECONDS = 900
LISTED = """
query ($after: String) {
  gallery(first: 100, after: $after) {
    nodes { id state checksumSha256 url variants { url } }
    pageInfo { endCursor hasNextPage }
  }
}
"""

pytestmark = pytest.mark.timeout(LONGEST_SECONDS)


class Moving:
    """A service, its images, and migrations between the storages that it knows."""

    def __init__(self, service, person, database):
        self.service, self.person, self.database = service, person, database
        self.failures = []
        self.reads = self.uploads = 0

    async def command(self, *words):
        """Starts `darkroom` with the settings of the service."""
        return await asyncio.create_subprocess_exec(
            *[sys.executable, "-m", "cli", *words, "--json"],
            env=self.service.environment,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def outcome(self, *words):
        """The exit status of a command, and what it says."""
        process = await self.command(*words)
        said, complained = await process.communicate()
        assert process.returncode in (0, 1), complained.decode()
        return process.returncode, json.loads(said)

    async def lying_in(self, kind):
        """How many images lie in storage of this kind."""
        return await self.database["images"].count_documents({"storage.kind": kind})

    async def images(self):
        """All of the person's images."""
        nodes, page = [], {"hasNextPage": True, "endCursor": None}
        while page["hasNextPage"]:
            gallery = (await self.person.data(LISTED, after=page["endCursor"]))["gallery"]
            nodes, page = nodes + gallery["nodes"], gallery["pageInfo"]
        return nodes

    async def keep_reading(self, nodes):
        """Fetches originals and presets, each of which must be there at any moment."""
        while True:
            node = random.choice(nodes)
            async with self.person.http.get(node["url"]) as response:
                checksum = hashlib.sha256(await response.read()).hexdigest()
            async with self.person.http.get(random.choice(node["variants"])["url"]) as response:
                await response.read()
                if (checksum, response.status) != (node["checksumSha256"], 200):
                    self.failures.append((node["id"], checksum, response.status))
            self.reads += 1

    async def keep_uploading(self):
        """Uploads one picture after the other."""
        while True:
            content = pictures.jpeg(16, 12, seed=100_000 + self.uploads)
            uploaded = await self.person.upload(content)
            if uploaded["__typename"] != "UploadImagePayload":
                self.failures.append(uploaded)
            self.uploads += 1

    @asynccontextmanager
    async def under_load(self):
        """The service is read from and uploaded to."""
        nodes = [node for node in await self.images() if node["variants"]]
        users = [asyncio.create_task(self.keep_reading(nodes)) for _ in range(READERS)]
        users += [asyncio.create_task(self.keep_uploading()) for _ in range(UPLOADERS)]
        try:
            yield
        finally:
            for user in users:
                user.cancel()
            ended = await asyncio.gather(*users, return_exceptions=True)
        assert [error for error in ended if not isinstance(error, asyncio.CancelledError)] == []


@pytest.fixture
async def moving(route, mongo_uri, xdist_worker, tmp_path):
    name = f"moving_{xdist_worker}"
    with ExitStack() as stack:
        access = {}
        for kind in route:
            access |= PROVIDERS[kind](stack)
        settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": name, "URL_TTL_SECONDS": "86400"}
        service = stack.enter_context(Service(tmp_path, STORAGE=route[0], **settings, **access))
        async with AsyncMongoClient(mongo_uri, tz_aware=True) as client, Person.signed_up(service.url) as ann:
            yield Moving(service, ann, client[name])
            await client.drop_database(name)


async def until(condition):
    async with asyncio.timeout(LONGEST_SECONDS):
        while not await condition():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.05)


async def fill(moving, count):
    """Uploads so many pictures, a few at a time, and waits until all are developed."""
    numbers = iter(range(count))

    async def upload_some():
        for number in numbers:
            await moving.person.upload(pictures.jpeg(16, 12, seed=number))

    async def all_are_ready():
        return await moving.database["images"].count_documents({"state": "READY"}) == count

    await asyncio.gather(*(upload_some() for _ in range(8)))
    await until(all_are_ready)


async def whole(moving, node):
    async with moving.person.http.get(node["url"]) as response:
        return hashlib.sha256(await response.read()).hexdigest() == node["checksumSha256"]


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("route", [route for route in ROUTES if set(route) <= set(PROVIDERS)], ids="-".join)
async def test_images_move_on_and_on_under_load_and_through_a_kill(moving, route, count):
    here, there, last = route
    await fill(moving, count)
    before = {node["id"]: node["checksumSha256"] for node in await moving.images()}

    async with moving.under_load():
        killed = await moving.command("migrate-storage", "--from", here, "--to", there)

        async def a_part_is_moved():
            return await moving.lying_in(there) >= count // 4

        await until(a_part_is_moved)
        killed.send_signal(signal.SIGKILL)
        await killed.communicate()
        assert 0 < await moving.lying_in(there) < count

        _, gone = await moving.outcome("migrate-storage", "--from", here, "--to", there, "--wait", "0")
        moved = await moving.lying_in(there)
        status, on = await moving.outcome("migrate-storage", "--from", there, "--to", last)

    assert moving.failures == []
    assert min(moving.reads, moving.uploads) > 10
    assert moved >= count
    assert gone["problems"] == on["problems"] == {}
    assert (status, on["moved"], on["left"]["images"]) == (0, moved, 0)
    nodes = await moving.images()
    assert 0 <= len(nodes) - count - moving.uploads <= UPLOADERS  # whose last answer nobody waited for
    assert before.items() <= {node["id"]: node["checksumSha256"] for node in nodes}.items()
    assert all([await whole(moving, node) for node in nodes])
    status, found = await moving.outcome("reconcile")
    assert (status, found["originals_missing"]["count"], found["presets_missing"]["count"]) == (0, 0, 0)
