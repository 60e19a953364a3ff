"""What an operator misconfigured stops the start with one line that names the variable."""

from __future__ import annotations

import gc
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import embedded
import models
import resources
from errors import ConfigurationError, StorageError
from models import feed
from models.event import Event
from settings import Settings
from storage import drafts

pytestmark = [
    pytest.mark.mongo,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


IMPORTS = """
import asyncio, sys
import app, resources, worker
from settings import Settings

def loaded():
    return [name for name in ("gridfs", "filesystem") if f"storage.{name}" in sys.modules]

async def main():
    opened = await resources.open_all(Settings.load())
    print(loaded())
    opened.storages.of(sys.argv[1])
    print(loaded())
    await opened.close()

asyncio.run(main())
"""


def settings(uri, **others):
    return Settings(mongodb_uri=uri, mongodb_database="resources", jwt_secret="s" * 32, **others)


@pytest.fixture(autouse=True)
async def documents_of_other_tests(database):
    """What is opened here takes the documents with it; the tests that follow get them back."""
    yield
    await models.prepare(database)


async def refusal(uri):
    with pytest.raises(ConfigurationError) as refused:
        await resources.open_all(settings(uri))
    gc.collect()  # what the driver leaves open when it is closed while it connects is complained of here
    line = str(refused.value)
    assert "\n" not in line
    return line


@pytest.fixture
def standalone(tmp_path):
    """The address of a mongod that is no replica set."""
    port = embedded.free_port()
    command = [
        embedded.find_mongod(),
        "--dbpath",
        tmp_path,
        "--port",
        str(port),
        "--bind_ip",
        "127.0.0.1",
        "--quiet",
    ]
    with (tmp_path / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        yield f"mongodb://127.0.0.1:{port}"
        process.terminate()


async def test_a_mongodb_that_is_no_replica_set_is_refused(standalone):
    line = await refusal(standalone)

    assert line.startswith("MONGODB_URI: found a MongoDB that is no replica set")


async def test_a_mongodb_that_does_not_answer_is_refused(monkeypatch):
    monkeypatch.setattr(resources, "ANSWER_WITHIN_MS", 200)

    assert "MONGODB_URI" in await refusal(f"mongodb://127.0.0.1:{embedded.free_port()}")


@pytest.mark.parametrize(
    "option", ["readPreference=secondaryPreferred", "readConcernLevel=linearizable", "w=0"]
)
async def test_what_an_address_says_of_reading_and_writing_changes_no_promise(mongo_uri, option):
    opened = await resources.open_all(settings(f"{mongo_uri}&{option}"))
    written = await opened.client["resources"]["trials"].insert_one({})

    async def read(session):
        return await opened.client["resources"]["trials"].find_one(
            {"_id": written.inserted_id}, session=session
        )

    async with opened.client.start_session() as session:
        assert await session.with_transaction(read)
    assert written.acknowledged
    assert opened.client.read_concern.level == "local"
    async with feed.opened([Event], await feed.settled([Event])) as stream:
        assert await stream.next() is None
    await opened.close()


async def test_an_address_that_is_none_is_refused():
    assert "MONGODB_URI" in await refusal("mongodb://[::1")


async def test_a_folder_that_cannot_be_used_is_refused(mongo_uri, tmp_path):
    (tmp_path / "files").touch()

    with pytest.raises(ConfigurationError, match=r"^DATA_DIR: found no usable .*files"):
        await resources.open_all(settings(mongo_uri, storage="filesystem", data_dir=tmp_path))


@pytest.mark.parametrize("chosen", ["gridfs", "filesystem"])
def test_an_adapter_is_imported_only_when_it_is_needed(mongo_uri, tmp_path, chosen):
    (tmp_path / "files").mkdir()
    (other,) = {"gridfs", "filesystem"} - {chosen}
    variables = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": "resources", "DATA_DIR": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-c", IMPORTS, other],
        cwd=Path(resources.__file__).parent,
        env={**variables, "STORAGE": chosen},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines() == [f"['{chosen}']", "['gridfs', 'filesystem']"]


async def test_a_folder_for_older_images_is_used_once_it_is_there(mongo_uri, tmp_path):
    opened = await resources.open_all(settings(mongo_uri, data_dir=tmp_path))

    with pytest.raises(StorageError, match="'filesystem' is not configured here") as refused:
        opened.storages.of("filesystem")
    before = [storage.kind for storage in opened.storages]
    (tmp_path / "files").mkdir()
    after = [storage.kind for storage in opened.storages]
    await opened.close()

    assert not refused.value.retryable
    assert (before, after) == (["gridfs"], ["gridfs", "filesystem"])


async def test_the_part_that_does_not_answer_is_named(mongo_uri, tmp_path):
    opened = await resources.open_all(settings(mongo_uri, storage="filesystem", data_dir=tmp_path))
    assert await opened.silent_part(within_seconds=10) is None

    shutil.rmtree(tmp_path / "files")
    assert await opened.silent_part(within_seconds=10) == "storage"
    await opened.close()
    assert await opened.silent_part(within_seconds=10) == "MongoDB"


async def test_a_part_that_hangs_does_not_answer(mongo_uri, tmp_path, monkeypatch):
    opened = await resources.open_all(settings(mongo_uri, storage="filesystem", data_dir=tmp_path))
    go_on = threading.Event()
    monkeypatch.setattr(drafts.Draft, "write", lambda *_: go_on.wait())

    assert await opened.silent_part(within_seconds=0.05) == "storage"
    go_on.set()
    await opened.close()
