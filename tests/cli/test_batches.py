"""`darkroom batch`: a CSV goes in, a CSV comes out, whatever happens to the connection."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import subprocess
import sys

import pytest

from embedded import free_port
from tests import pictures
from tests.acceptance import batches
from tests.acceptance.batches import manifest
from tests.acceptance.upkeep import until
from tests.cli.forwarder import Forwarder
from tests.client import PASSWORD, Person
from tests.processing.fetch.origin import Origin, ok
from tests.service import ROOT, Service

pytestmark = pytest.mark.mongo


@pytest.fixture(scope="module")
def origin_port():
    return free_port()


@pytest.fixture(scope="module")
def service(mongo_uri, xdist_worker, tmp_path_factory, origin_port):
    """One that may fetch from the shop."""
    settings = {
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": f"commands_{xdist_worker}",
        "FETCH_PRIVATE_ALLOWLIST": f"127.0.0.1:{origin_port}",
    }
    with Service(tmp_path_factory.mktemp("commands"), **settings) as running:
        yield running


@pytest.fixture
async def ann(service):
    async with Person.signed_up(service.url) as person:
        yield person


@pytest.fixture
async def shop(origin_port):
    async with Origin().listening(port=origin_port) as server:
        server.answers = {f"/{number}.jpg": ok(pictures.photo(seed=number)) for number in range(4)}
        yield server


@pytest.fixture
def goods(shop, tmp_path):
    """Writes a manifest of some of the shop's images, one in each row."""

    def write(*names):
        rows = [f"{row},SKU{row},http://127.0.0.1:{shop.port}/{name}" for row, name in enumerate(names, 1)]
        file = tmp_path / "goods.csv"
        file.write_bytes(manifest(*rows))
        return file

    return write


@pytest.fixture
def darkroom(service, ann, tmp_path):
    """Runs a command as Ann: its exit status, and what it says, on both streams."""

    async def run(*words, **environment):
        given = {"DARKROOM_URL": service.url, "DARKROOM_EMAIL": ann.email, "DARKROOM_PASSWORD": PASSWORD}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "cli", "batch", *map(str, words),
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": "200", **given, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip
        out, err = await asyncio.wait_for(process.communicate(), 60)
        return process.returncode, out.decode(), err.decode()

    return run


def results(file):
    with file.open(newline="") as lines:
        return [row["Output Image Urls"] for row in csv.DictReader(lines)]


async def test_a_manifest_is_submitted_watched_and_answered_by_its_results(darkroom, goods):
    file = goods("0.jpg", "1.jpg", "0.jpg")

    status, out, _ = await darkroom("submit", file, "--watch")

    assert status == 0
    assert "3 of 3 compressed, 0 failed" in out
    first, second, third = results(file.with_name("goods.results.csv"))
    assert first == third != second
    assert first.startswith("http")


async def test_an_image_that_failed_is_an_empty_slot_and_an_exit_status(darkroom, goods, tmp_path):
    status, out, _ = await darkroom(
        "submit", goods("0.jpg", "none.jpg"), "--watch", "--json", "--results", tmp_path / "out.csv"
    )

    assert status == 1
    outcome = json.loads(out)
    assert (outcome["state"], outcome["counts"]["failed"]) == ("COMPLETED_WITH_ERRORS", 1)
    assert [bool(output) for output in results(tmp_path / "out.csv")] == [True, False]


async def test_the_wishes_are_those_of_the_batch(darkroom, goods, ann):
    _, out, _ = await darkroom("submit", goods("0.jpg"), "--ratio", "0.4", "--format", "webp", "--json")

    batch = (await ann.data(batches.BATCH, id=json.loads(out)["id"]))["batch"]
    assert batch["compression"] == {"mode": "TARGET_RATIO", "value": 0.4, "format": "WEBP"}


async def test_a_manifest_that_is_wrong_is_refused_with_all_its_problems(darkroom, tmp_path):
    file = tmp_path / "wrong.csv"
    file.write_bytes(manifest("1,SKU1,ftp://a/b.jpg", "2,,http://a.test/b.jpg"))

    status, out, err = await darkroom("submit", file, "--watch")

    assert (status, out) == (2, "")
    assert "line 2" in err
    assert "line 3" in err


async def test_a_batch_is_watched_again_by_its_id(darkroom, goods, tmp_path):
    _, out, _ = await darkroom("submit", goods("0.jpg", "1.jpg"), "--json")

    status, _, _ = await darkroom("watch", json.loads(out)["id"])

    assert status == 0
    assert len(results(tmp_path / "goods.results.csv")) == 2


async def test_a_connection_that_is_cut_is_made_anew(darkroom, goods, shop, service, origin_port):
    gate = asyncio.Event()

    async def begun():
        return shop.at_once

    async def made_anew():
        return between.count > before

    async def slowly(writer):
        await gate.wait()
        writer.write(ok(pictures.photo(seed=9)))

    shop.answers["/late.jpg"] = slowly
    async with Forwarder(service.port).listening() as between:
        url = f"http://127.0.0.1:{between.port}"
        watching = asyncio.create_task(
            darkroom("submit", goods("0.jpg", "late.jpg"), "--watch", DARKROOM_URL=url)
        )
        await until(begun)
        before = between.count
        between.cut()
        await until(made_anew)
        gate.set()

        status, out, _ = await watching

    assert status == 0
    assert "2 of 2 compressed" in out


@pytest.mark.parametrize(
    ("words", "environment", "told"),
    [
        ([], {"DARKROOM_PASSWORD": "wrong horse battery"}, "password"),
        ([], {"DARKROOM_URL": "http://127.0.0.1:9"}, "does not answer"),
        (["--quality", "50", "--ratio", "0.5"], {}, "not both"),
        ([], {"DARKROOM_EMAIL": "", "DARKROOM_PASSWORD": ""}, "DARKROOM_TOKEN"),
        (["--webhook", "https://a.test/"], {}, "secret"),
    ],
)
async def test_what_cannot_be_begun_is_said_in_a_line(darkroom, goods, words, environment, told):
    status, out, err = await darkroom("submit", goods("0.jpg"), *words, **environment)

    assert (status, out) == (2, "")
    assert told in err
    assert "Traceback" not in err
