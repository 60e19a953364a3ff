"""A process that is killed in the middle of many puts leaves whole objects, and every one that it was told is kept."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from storage.filesystem import FilesystemStorage

ROOT = Path(__file__).parents[3]
PUTTING = """
import asyncio, hashlib, itertools, os, sys
from pathlib import Path
from storage.filesystem import FilesystemStorage

async def put_for_ever(storage):
    while True:
        content = os.urandom(700_000)
        async def pieces():
            for at in range(0, len(content), 65_536):
                yield content[at : at + 65_536]
        key = f"originals/{hashlib.sha256(content).hexdigest()}"
        await storage.put(key, pieces())
        print(key, flush=True)

async def main():
    storage = FilesystemStorage(Path(sys.argv[1]))
    await storage.prepare()
    await asyncio.gather(*(put_for_ever(storage) for _ in range(4)))

asyncio.run(main())
"""


def put_until_killed(folder: Path, puts_before_the_kill: int) -> set[str]:
    """The keys of which the process was told that they are kept."""
    command = [sys.executable, "-c", PUTTING, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        acknowledged = [process.stdout.readline().strip() for _ in range(puts_before_the_kill)]
        process.kill()
        return {*acknowledged, *process.stdout.read().split()}


@pytest.mark.parametrize("puts_before_the_kill", [1, 5, 20, 50])
async def test_no_object_is_half_and_none_is_missing_after_a_kill(tmp_path, puts_before_the_kill):
    acknowledged = put_until_killed(tmp_path, puts_before_the_kill)

    storage = FilesystemStorage(tmp_path)
    found = {stored.key async for stored in storage.list("")}
    for key in found:
        content = b"".join([piece async for piece in storage.get(key)])
        assert key == f"originals/{hashlib.sha256(content).hexdigest()}"
    assert acknowledged <= found
