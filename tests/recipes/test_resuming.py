"""What the shared page says of lines that are lost: nothing is missed, nothing told twice."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import asynccontextmanager

import pytest

from tests import pictures
from tests.cli.forwarder import Forwarder
from tests.client import PASSWORD, SIGN_UP, Client
from tests.recipes import pages

pytestmark = pytest.mark.mongo


@asynccontextmanager
async def watching(kitchen, module):
    shutil.copy(pages.HERE / "watching.mjs", kitchen.folder)
    command = [kitchen.node, "--import=./node.mjs", "watching.mjs", f"./{module}"]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=kitchen.folder, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process.stdout
    finally:
        process.kill()
        await process.wait()


@pytest.mark.parametrize("module", ["socket.js", "events.js"])
async def test_what_comes_while_the_line_is_lost_is_told_once(fetching, nobody, tmp_path, module):
    async with Client(fetching.url) as ann, Forwarder(fetching.port).listening() as forwarder:
        signed = await ann.data(SIGN_UP, input={"email": "ann@example.com", "password": PASSWORD})
        ann.token = signed["signUp"]["session"]["accessToken"]
        kitchen = pages.Kitchen(tmp_path, pages.SHARED, f"http://127.0.0.1:{forwarder.port}")
        async with watching(kitchen, module) as told:
            assert await told.readline() == b"from here\n"
            await ann.upload(pictures.jpeg(seed=41), "1.jpg")
            first = await told.readline()
            forwarder.cut()
            for number in (2, 3):
                await ann.upload(pictures.jpeg(seed=41 + number), f"{number}.jpg")

            assert [first, await told.readline(), await told.readline()] == [
                b"1.jpg\n",
                b"2.jpg\n",
                b"3.jpg\n",
            ]
