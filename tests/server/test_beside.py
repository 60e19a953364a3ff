"""A worker that is told a port answers there, for whoever watches over it."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys

import aiohttp
import pytest

from embedded import free_port
from tests import pictures
from tests.acceptance.upkeep import until
from tests.client import Person
from tests.metrics.scraping import samples
from tests.service import Service

pytestmark = pytest.mark.mongo


@pytest.fixture(scope="module")
def port():
    return free_port()


@pytest.fixture(scope="module")
def watched(mongo_uri, xdist_worker, tmp_path_factory, port):
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": f"beside_{xdist_worker}"}
    folder = tmp_path_factory.mktemp("beside")
    with Service(folder, WORKER_METRICS_PORT=str(port), METRICS_TOKEN="sesame", **settings) as service:
        yield service


@pytest.fixture
async def http(port):
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        yield session


async def answers(http, path, **headers):
    try:
        async with http.get(path, headers=headers) as response:
            return response.status, await response.text()
    except aiohttp.ClientError:
        return None


async def test_it_says_that_it_is_alive_and_ready(watched, http):
    await until(lambda: answers(http, "/healthz"))

    assert await answers(http, "/healthz") == (200, "alive\n")
    assert await answers(http, "/readyz") == (200, "ready\n")
    assert (await answers(http, "/graphql"))[0] == 404


async def test_it_tells_what_it_has_done_to_who_has_the_token(watched, http):
    async def developed():
        _, told = await answers(http, "/metrics", Authorization="Bearer sesame")
        return samples(told).get(("darkroom_work_attempts_total", "develop", "done"))

    async with Person.signed_up(watched.url) as ann:
        await ann.developed(pictures.photo(seed=93))
    await until(developed)

    assert (await answers(http, "/metrics"))[0] == 401
    _, told = await answers(http, "/metrics", Authorization="Bearer sesame")
    found = samples(told)
    assert found["darkroom_work_duration_seconds_count", "develop"] >= 1
    assert found["darkroom_storage_duration_seconds_count", "get", "gridfs"] >= 1
    assert found["darkroom_storage_duration_seconds_count", "put", "gridfs"] >= 2
    assert ("darkroom_sockets",) not in found


async def test_a_stop_ends_it_in_good_order(watched, tmp_path):
    port = free_port()
    worker = watched.start("worker", "short", WORKER_METRICS_PORT=str(port))
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
        await until(lambda: answers(http, "/healthz"))

        worker.send_signal(signal.SIGTERM)

        assert await asyncio.to_thread(worker.wait, 20) == 0
    assert "Traceback" not in watched.log("short")


async def test_a_port_that_is_taken_stops_the_start_with_a_line_that_names_it(watched):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        worker = watched.start("worker", "late", WORKER_METRICS_PORT=str(port))

        assert await asyncio.to_thread(worker.wait, 20) == 2

    assert f"WORKER_METRICS_PORT: found {port}, wanted a free port" in watched.log("late")
    assert "Traceback" not in watched.log("late")


def test_a_worker_that_is_told_none_loads_no_server(watched):
    loaded = (
        "import sys, worker; sys.exit(any(name in sys.modules for name in ('uvicorn', 'prometheus_client')))"
    )
    python = subprocess.run([sys.executable, "-c", loaded], env=watched.environment, check=False)

    assert python.returncode == 0
