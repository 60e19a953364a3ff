"""`darkroom adopt`, as an operator types it."""

from __future__ import annotations

import json
import re
import signal

import pytest
from gridfs.asynchronous.grid_file import AsyncGridFSBucket
from typer.testing import CliRunner

from cli import commands
from models.adoption import Adoption
from models.image import Image
from models.tally import Tally
from models.work import Work
from tests import pictures
from tests.adopting.conftest import outcome
from tests.processing.fetch.origin import Origin, ok

pytestmark = pytest.mark.mongo


@pytest.fixture
async def photos(database, ann):
    """A bucket with 20 photos of Ann's, whom it calls 7."""
    for part in ("files", "chunks"):
        await database.drop_collection(f"old.{part}")
    bucket = AsyncGridFSBucket(database, "old")
    for n in range(20):
        await bucket.upload_from_stream(f"{n}.jpg", pictures.jpeg(seed=970 + n), metadata={"user": 7})
    return bucket


@pytest.fixture
def users(tmp_path):
    file = tmp_path / "users.csv"
    file.write_text("7, ann@example.com\n8,ben@example.com\n")
    return str(file)


async def test_a_run_that_is_killed_goes_on_and_takes_each_photo_once(darkroom, photos, users, ann):
    words = ["gridfs", "--bucket", "old", "--owner-field", "metadata.user", "--owners-file", users, "--json"]

    killed = await darkroom(*words, FAILPOINTS="ingest.committed:kill@6")
    resumed = await darkroom(*words)
    again = await darkroom(*words)

    assert killed[0] == -signal.SIGKILL
    status, counts = outcome(resumed)
    assert (status, set(counts)) == (0, {"adopted", "known"})
    assert sum(counts.values()) == 20
    assert counts["known"] >= 6
    assert outcome(again) == (0, {"known": 20})
    images = await Image.find(Image.owner_id == ann.id).to_list()
    assert sorted(image.filename for image in images) == sorted(f"{n}.jpg" for n in range(20))
    assert (await Tally.of_owner(ann.id)).image_count == 20
    assert await Work.find(Work.kind == "develop").count() == 20


async def test_photos_whose_addresses_stand_in_a_collection_are_fetched(darkroom, database, ann):
    async with Origin().listening() as origin:
        at = f"http://127.0.0.1:{origin.port}"
        origin.answers = {"/a.jpg": ok(pictures.jpeg(seed=990)), "/b": ok(b"<html>")}
        await database.drop_collection("shop")
        await database["shop"].insert_many(
            [
                {
                    "_id": 1,
                    "imageUrl": f"{at}/a.jpg",
                    "email": "ANN@example.com",
                    "title": "x" * 3_000,
                    "tags": "a,b",
                },
                {"_id": 2, "imageUrl": f"{at}/b", "email": "ann@example.com"},
                {"_id": 3, "imageUrl": f"{at}/c.jpg", "email": "ann@example.com"},
                {"_id": 4, "imageUrl": "http://127.0.0.1:9/", "email": "ann@example.com"},
                {"_id": 5, "imageUrl": f"{at}/a.jpg", "email": "nobody@example.com"},
                {"_id": 6, "email": "ann@example.com"},
            ]
        )
        words = ["mongo", "--collection", "shop", "--url-field", "imageUrl", "--owner-field", "email"]
        words += ["--caption-field", "title", "--tags-field", "tags", "--json"]

        answer = await darkroom(*words, FETCH_PRIVATE_ALLOWLIST=f"127.0.0.1:{origin.port}")

    assert outcome(answer) == (1, {"adopted": 1, "refused": 2, "failed": 2, "unowned": 1})
    said = json.loads(answer[1])
    assert said["unknown_owners"] == {"nobody@example.com": 1}
    assert set(said["problems"]) == {"2", "3", "4", "5", "6"}
    assert said["problems"]["3"] == "the server answers 404"
    (image,) = await Image.find(Image.owner_id == ann.id).to_list()
    assert (image.filename, image.tags, len(image.caption)) == ("a.jpg", ["a", "b"], 2_000)


async def test_a_dry_run_lists_what_would_be_taken_over(darkroom, photos, ann):
    words = ["gridfs", "--bucket", "old", "--owner", "ann@example.com", "--dry-run"]

    status, said = await darkroom(*words, "--json")
    as_text = await darkroom(*words)

    assert (status, len(json.loads(said)["wanted"])) == (0, 20)
    assert json.loads(said)["wanted"][0]["owner"] == "ann@example.com"
    assert as_text[0] == 0
    assert "would be taken over" in as_text[1]
    assert await Image.find(Image.owner_id == ann.id).count() == 0
    assert await Adoption.count() == 0


async def test_a_place_without_pictures_is_said_to_be_one(darkroom, database, ann):
    status, said = await darkroom("gridfs", "--bucket", "misspelt", "--owner", "ann@example.com")

    assert status == 0
    assert "no pictures there" in said


async def test_a_source_beside_the_service_is_the_same_one_at_another_address(darkroom, photos, ann):
    await darkroom("gridfs", "--bucket", "old", "--owner", "ann@example.com")

    sources = await Adoption.get_pymongo_collection().distinct("source")

    assert len(sources) == 1
    assert sources[0].startswith("gridfs:own/")


async def test_each_reason_stands_once_with_some_of_what_it_is_for(darkroom, database, ann):
    await database.drop_collection("shop")
    await database["shop"].insert_many([{"_id": number} for number in range(5)])
    words = ["mongo", "--collection", "shop", "--url-field", "at", "--owner", "ann@example.com"]

    _, said = await darkroom(*words, "--parallel", "1")

    assert said.count("there is no address in at") == 1
    assert re.search(r"not taken over +5: .*\(0, 1, 2, …\)", said)


async def test_owners_who_are_unknown_are_named(darkroom, photos):
    status, said = await darkroom("gridfs", "--bucket", "old", "--owner-field", "metadata.user")

    assert status == 1
    assert re.search(r"unknown owners +7 \(20\)", said)
    assert await Image.count() == 0


async def test_a_quota_holds_for_users_and_not_for_the_operator(darkroom, photos, ann):
    words = ["gridfs", "--bucket", "old", "--owner", "ann@example.com", "--json"]

    assert outcome(await darkroom(*words, QUOTA_BYTES="1000")) == (0, {"adopted": 20})


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "say whose the pictures become"),
        (["--owner", "ann@example.com", "--owner-field", "user"], "say whose the pictures become"),
        (["--owner-field", "user", "--owners-file", "/dev/null/none"], "--owners-file"),
        (["--owner", "ann@example.com", "--parallel", "0"], "--parallel"),
    ],
)
def test_options_that_make_no_sense_end_the_command_with_status_2(words, complaint):
    done = CliRunner().invoke(commands, ["adopt", "gridfs", "--bucket", "old", *words])

    assert (done.exit_code, complaint in done.output) == (2, True)


def test_a_file_of_owners_with_other_lines_is_refused(tmp_path):
    file = tmp_path / "wrong.csv"
    file.write_text("7,ann@example.com\n8\n")
    words = ["adopt", "gridfs", "--bucket", "old", "--owner-field", "user", "--owners-file", str(file)]

    done = CliRunner().invoke(commands, words)

    assert (done.exit_code, "line 2 is not" in done.output) == (2, True)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--owner", "nobody@example.com"], "nobody has the address"),
        (["--owner", "ann@example.com", "--uri", "mongodb://[::"], "--uri"),
    ],
)
async def test_what_is_nowhere_ends_the_command_with_status_2(darkroom, ann, words, complaint):
    status, said = await darkroom("gridfs", "--bucket", "old", *words)

    assert (status, complaint in said) == (2, True), said


async def test_a_mongodb_that_does_not_answer_is_one_line_without_its_password(darkroom, ann):
    uri = "mongodb://me:secret@127.0.0.1:9/?serverSelectionTimeoutMS=100"

    status, said = await darkroom("gridfs", "--bucket", "b", "--owner", ann.email, "--uri", uri)

    assert status == 1
    assert "secret" not in said
    assert "Traceback" not in said
