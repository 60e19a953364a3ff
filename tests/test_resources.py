"""What an operator misconfigured stops the start with one line that names the variable."""

from __future__ import annotations

import gc
import subprocess

import pytest

import embedded
import resources
from errors import ConfigurationError
from settings import Settings

pytestmark = [
    pytest.mark.mongo,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def settings(uri):
    return Settings(mongodb_uri=uri, mongodb_database="resources", jwt_secret="s" * 32)


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


async def test_an_address_that_is_none_is_refused():
    assert "MONGODB_URI" in await refusal("mongodb://[::1")


async def test_what_is_open_answers_and_is_closed(mongo_uri):
    opened = await resources.open_all(settings(mongo_uri))

    assert await opened.silent_part(within_seconds=10) is None
    await opened.close()

    assert await opened.silent_part(within_seconds=10) == "MongoDB"
