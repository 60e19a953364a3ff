"""The disk is full, descriptors and memory are used up; then there is room again: X10 of the threat list.

A limit on the size of files stands for the full disk, so that no root is needed; what the adapter makes of the operating
system's own ENOSPC is told in tests/storage/filesystem/test_filesystem.py.
"""

from __future__ import annotations

import asyncio
import resource
from contextlib import contextmanager, suppress
from pathlib import Path

import aiohttp
import pytest

from tests import pictures
from tests.acceptance.upkeep import standing, until
from tests.service import Service

pytestmark = [pytest.mark.mongo, pytest.mark.timeout(300)]
LARGEST_FILE_BYTES = 300_000
SMALLER_THAN_A_PRESET = 30_000  # and larger than the log, which is a file, too
DESCRIPTORS = 64
SPARE_BYTES = 128 * 2**20
CROWD = 2 * DESCRIPTORS
KNOWN = {"INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE"}


@pytest.fixture
async def service(mongo_uri, xdist_worker, tmp_path):
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": f"exhausted_{xdist_worker}"}
    running = Service(tmp_path, STORAGE="filesystem", **settings)
    await asyncio.to_thread(running.__enter__)
    yield running
    await asyncio.to_thread(running.__exit__)


@contextmanager
def limited(process, kind, limit):
    """The process may have so much during the block."""
    before = resource.prlimit(process.pid, kind)
    resource.prlimit(process.pid, kind, (limit, before[1]))
    try:
        yield
    finally:
        resource.prlimit(process.pid, kind, before)


async def test_x10_a_full_disk_refuses_uploads_and_leaves_nothing_half_written(service, ann, tmp_path):
    photo = pictures.photo(1_000_000, seed=93)

    with limited(service.processes["serve"], resource.RLIMIT_FSIZE, LARGEST_FILE_BYTES):
        answers = await asyncio.gather(*(ann.try_to_upload(photo) for _ in range(4)))
        small = await ann.upload(pictures.jpeg(seed=94))

    assert {answer["errors"][0]["extensions"]["code"] for answer in answers} <= KNOWN
    assert await standing(ann) == ({small["image"]["id"]}, 1, (1, small["image"]["sizeBytes"]))
    assert [path for path in written(tmp_path) if path.stat().st_size >= LARGEST_FILE_BYTES] == []
    assert not (await ann.upload(photo))["duplicate"]


async def test_x10_presets_that_found_no_room_are_made_once_there_is_some(service, ann):
    photo = pictures.photo(400_000, seed=95)
    await ann.developed(pictures.jpeg(seed=98))  # what the worker begins from now on has its limits

    with limited(service.processes["worker-0"], resource.RLIMIT_FSIZE, SMALLER_THAN_A_PRESET):
        uploaded = await ann.upload(photo)

        async def has_failed_once():
            return "attempt failed" in service.log("worker-0")

        await until(has_failed_once)

    assert (await ann.progress(uploaded["image"]["id"]))[-1]["stage"] == "READY"


async def test_x10_without_descriptors_the_process_lives_and_serves_again(service, ann):
    process = service.processes["serve"]
    connections = []

    with limited(process, resource.RLIMIT_NOFILE, DESCRIPTORS):
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(10):
                while len(connections) < CROWD:
                    connections += [await asyncio.open_connection("127.0.0.1", service.port)]
        assert open_files(process) <= DESCRIPTORS
        for _, writer in connections:
            writer.transport.abort()

        async def is_well():
            with suppress(aiohttp.ClientError, TimeoutError):
                async with aiohttp.ClientSession() as http, http.get(f"{service.url}/healthz") as response:
                    return response.status == 200

        await until(is_well)
    assert process.poll() is None
    assert (await ann.upload(pictures.jpeg(seed=96)))["image"]


async def test_x10_within_little_memory_large_uploads_are_taken_or_refused_and_never_deadly(service, ann):
    process = service.processes["serve"]
    large = [pictures.jpeg(seed=seed) + bytes(15 * 2**20) for seed in range(4)]

    with limited(process, resource.RLIMIT_AS, address_space_bytes(process) + SPARE_BYTES):
        answers = await asyncio.gather(*(ann.try_to_upload(content) for content in large))

    refused = [answer["errors"][0]["extensions"]["code"] for answer in answers if "errors" in answer]
    assert set(refused) <= KNOWN
    assert process.poll() is None
    assert (await standing(ann))[1] == len(large) - len(refused)
    assert (await ann.upload(pictures.jpeg(seed=97)))["image"]


def open_files(process):
    return len(list(Path(f"/proc/{process.pid}/fd").iterdir()))


def address_space_bytes(process):
    return int(Path(f"/proc/{process.pid}/statm").read_text().split()[0]) * resource.getpagesize()


def written(folder):
    return [path for path in (folder / "files").rglob("*") if path.is_file()]
