"""`darkroom batch`: a CSV goes in, a CSV comes out, whatever happens to the connection."""

from __future__ import annotations

import asyncio
import csv
import functools
import json

import pytest

from embedded import free_port
from tests import pictures
from tests.acceptance import batches
from tests.acceptance.batches import manifest
from tests.acceptance.upkeep import until
from tests.cli.forwarder import Forwarder
from tests.client import Person
from tests.processing.fetch.origin import Origin, ok
from tests.service import Service

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
def darkroom(as_ann):
    """Runs `darkroom batch` as Ann."""
    return functools.partial(as_ann, "batch")


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
        ([], {"DARKROOM_PASSWORD": ""}, "DARKROOM_PASSWORD"),
        (["--url", "127.0.0.1:8000"], {}, "no address"),
        (["--watch", "--results", "nowhere/at.csv"], {}, "the folder nowhere"),
        (["--webhook", "https://a.test/"], {}, "secret"),
    ],
)
async def test_what_cannot_be_begun_is_said_in_a_line(darkroom, goods, words, environment, told):
    status, out, err = await darkroom("submit", goods("0.jpg"), *words, **environment)

    assert (status, out) == (2, "")
    assert told in err
    assert "Traceback" not in err


async def test_all_that_is_wrong_with_a_manifest_is_told_and_nothing_is_begun(darkroom, ann, tmp_path):
    file = tmp_path / "wrong.csv"
    file.write_bytes(manifest("1,SKU1,ftp://a/b.jpg", "1,,http://a.test/b.jpg", "1,SKU3,http://a.test/b.jpg"))

    status, out, err = await darkroom("check", file)
    as_json = await darkroom("check", file, "--json")

    lines = [line.split("\t") for line in out.splitlines()]
    assert [line[:4] for line in lines if line[1] == "error"] == [
        ["2", "error", "Input Image Urls", "NOT_A_URL"],
        ["3", "error", "Product Name", "MISSING_VALUE"],
    ]
    assert all(message and hint for *_, message, hint in lines)
    problems = json.loads(as_json[1])["problems"]
    assert [[str(each["line"]), each["code"]] for each in problems] == [[line[0], line[3]] for line in lines]
    assert (status, as_json[0]) == (1, 1)
    assert "3 rows, 1 image in those without errors" in err
    assert (await ann.data("{ batches { nodes { id } } }"))["batches"]["nodes"] == []


async def test_a_manifest_with_nothing_but_warnings_is_well(darkroom, tmp_path):
    file = tmp_path / "fine.csv"
    file.write_bytes(manifest("1,SKU1,http://a.test/a.jpg", "1,SKU2,http://a.test/b.jpg"))

    status, out, _ = await darkroom("check", file)

    assert status == 0
    assert out.startswith("3\twarning\tS. No.\tW_DUPLICATE_SERIAL_NUMBER\t")


async def test_what_cannot_be_checked_is_neither_right_nor_wrong(darkroom, goods, tmp_path):
    nobody = await darkroom("check", goods("0.jpg"), DARKROOM_PASSWORD="wrong horse battery")
    nothing = await darkroom("check", tmp_path / "none.csv")

    assert (nobody[0], nothing[0]) == (2, 2)
    assert "Traceback" not in nobody[2] + nothing[2]


async def test_results_are_fetched_in_each_format_to_a_file_or_to_standard_output(darkroom, goods, tmp_path):
    _, out, _ = await darkroom("submit", goods("0.jpg", "none.jpg"), "--watch", "--json")
    batch_id = json.loads(out)["id"]

    fetched = await darkroom("results", batch_id, "--json")
    extended = await darkroom("results", batch_id, "--format", "extended_csv", "-o", "more.csv")
    status, lines, _ = await darkroom("results", batch_id, "--format", "JSONL", "-o", "-")

    assert (fetched[0], extended[0], status) == (0, 0, 0)
    assert json.loads(fetched[1])["results"] == "goods.results.csv"
    assert [bool(output) for output in results(tmp_path / "goods.results.csv")] == [True, False]
    assert ",Status," in (tmp_path / "more.csv").read_text()
    assert [json.loads(line)["state"] for line in lines.splitlines()] == ["SUCCEEDED", "FAILED"]
    assert not list(tmp_path.glob("*.part"))


async def test_results_of_a_batch_that_is_still_at_work_are_those_of_now(darkroom, goods, shop):
    gate = asyncio.Event()

    async def slowly(writer):
        await gate.wait()
        writer.write(ok(pictures.photo(seed=9)))

    shop.answers["/late.jpg"] = slowly
    _, out, _ = await darkroom("submit", goods("late.jpg"), "--json")
    try:
        status, results_now, err = await darkroom("results", json.loads(out)["id"], "-o", "-")
    finally:
        gate.set()

    assert status == 1
    assert results_now.splitlines()[0].startswith("S. No.")
    assert "still at work: 1 of 1 images are to come" in err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["QmF0Y2g6NjY4"], "no such batch"),
        (["QmF0Y2g6NjY4", "--format", "xml"], "CSV, EXTENDED_CSV, JSONL"),
        (["QmF0Y2g6NjY4", "-o", "nowhere/at.csv"], "the folder nowhere"),
        (["QmF0Y2g6NjY4", "-o", "-", "--json"], "not both"),
    ],
)
async def test_results_that_there_are_none_of_are_said_to_be_none(darkroom, tmp_path, words, told):
    status, out, err = await darkroom("results", *words)

    assert (status, out) == (2, "")
    assert told in err
    assert list(tmp_path.iterdir()) == []
