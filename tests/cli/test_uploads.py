"""`darkroom upload`: pictures go in by the folder, once, and whatever goes wrong is said of the file that it is of."""

from __future__ import annotations

import json
import os
import signal

import pytest

from tests import pictures
from tests.acceptance.upkeep import until
from tests.cli import typed
from tests.cli.forwarder import Forwarder
from tests.client import Person
from tests.service import Service

pytestmark = pytest.mark.mongo
COUNT = "{ gallery { totalCount } }"


@pytest.fixture
def album(tmp_path):
    """A folder with two pictures, one below it, and what is no picture or hidden."""
    folder = tmp_path / "album"
    (folder / "below").mkdir(parents=True)
    for seed, name in enumerate(("a.jpg", "b.JPG", "below/c.jpeg", ".hidden.jpg")):
        (folder / name).write_bytes(pictures.jpeg(seed=seed))
    (folder / "notes.txt").write_text("no picture")
    return folder


@pytest.fixture
async def idle(mongo_uri, xdist_worker, tmp_path):
    """A service at which nothing is developed until a worker is started, and somebody there."""
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": f"idle_{xdist_worker}"}
    (tmp_path / "idle").mkdir()
    with Service(tmp_path / "idle", workers=0, **settings) as running:
        async with Person.signed_up(running.url) as person:
            yield running, person


async def count(person):
    return (await person.data(COUNT))["gallery"]["totalCount"]


async def test_a_folder_is_uploaded_tagged_and_watched_until_all_is_ready(as_ann, album, ann):
    status, out, err = await as_ann("upload", "album", "--tag", "x", "--tag", "y", "--watch", "--json")

    outcome = json.loads(out)
    assert (status, err) == (0, "")
    assert [(each["file"], each["state"]) for each in outcome["files"]] == [
        ("album/a.jpg", "READY"),
        ("album/b.JPG", "READY"),
        ("album/below/c.jpeg", "READY"),
    ]
    assert (outcome["uploaded"], outcome["duplicates"], outcome["failed"], outcome["unsent"]) == (3, 0, 0, 0)
    nodes = (await ann.data("{ gallery { nodes { id tags state } } }"))["gallery"]["nodes"]
    assert {node["id"] for node in nodes} == {each["id"] for each in outcome["files"]}
    assert all(node["tags"] == ["x", "y"] and node["state"] == "READY" for node in nodes)


async def test_a_repeat_keeps_nothing_twice(as_ann, album, ann):
    await as_ann("upload", "album")
    status, out, err = await as_ann("upload", album, "album/a.jpg")

    assert status == 0
    assert err == "darkroom: 0 uploaded (0 bytes), 4 there already\n"
    assert len({line.split("\t")[2] for line in out.splitlines()}) == 3
    assert await count(ann) == 3


async def test_a_file_that_is_not_taken_is_a_line_and_leaves_the_others_alone(as_ann, album, ann):
    (album / "cut.jpg").write_bytes(pictures.photo(seed=1)[:2000])
    (album / "gone.jpg").symlink_to("nowhere")

    status, out, err = await as_ann("upload", "album/notes.txt", album, "--watch")
    as_json = await as_ann("upload", "album/notes.txt", "--json")

    assert status == 1
    assert "darkroom: album/notes.txt: Send a JPEG, PNG, WebP, GIF or AVIF image.\n" in err
    assert f"darkroom: {album}/cut.jpg: The file is cut short" in err
    assert f"darkroom: {album}/gone.jpg: No such file or directory\n" in err
    assert err.splitlines()[-1].endswith("3 failed")
    assert [line.split("\t")[1] for line in out.splitlines()] == ["ready"] * 3
    assert as_json[0] == 1
    assert json.loads(as_json[1])["files"][0]["error"]["code"] == "UnsupportedFormatError"


async def test_a_picture_that_could_not_be_developed_is_said_to_have_failed(as_ann, tmp_path):
    (tmp_path / "broken.png").write_bytes(_broken(pictures.png(200, 200)))

    status, out, err = await as_ann("upload", "broken.png", "--watch")

    assert status == 1
    assert out.split("\t")[1] == "failed"
    assert "darkroom: broken.png: " in err


@pytest.mark.parametrize(
    ("words", "environment", "told"),
    [
        (["album/a.jpg", "album/none.jpg"], {}, "there is no file album/none.jpg"),
        (["album/empty"], {}, "no picture is in album/empty"),
        (["album", "--tag", "x" * 101], {}, "tag"),
        (["album", "--parallel", "0"], {}, "--parallel"),
        (["album"], {"DARKROOM_URL": "http://127.0.0.1:9"}, "Connection refused"),
        (["album"], {"DARKROOM_URL": "ftp://127.0.0.1"}, "no address"),
        (["album"], {"DARKROOM_PASSWORD": "wrong horse battery"}, "password"),
        (["album"], {"DARKROOM_EMAIL": "", "DARKROOM_TOKEN": "over"}, "no longer, good"),
        (["album", "--watch"], {"DARKROOM_EMAIL": ""}, "DARKROOM_TOKEN"),
    ],
)
async def test_what_cannot_be_begun_is_said_in_a_line(as_ann, album, ann, words, environment, told):
    (album / "empty").mkdir()

    status, out, err = await as_ann("upload", *words, **environment)

    assert (status, out) == (2, "")
    assert told in err
    assert "Traceback" not in err
    assert await count(ann) == 0


async def test_a_watch_goes_on_when_the_connection_is_cut(idle, album, tmp_path):
    service, person = idle

    async def uploaded():
        return await count(person) == 3

    async def made_anew():
        return between.count > before

    async with Forwarder(service.port).listening() as between:
        environment = {"DARKROOM_URL": f"http://127.0.0.1:{between.port}"}
        watching = await typed.started(person, tmp_path, "upload", album, "--watch", **environment)
        await until(uploaded)
        before = between.count
        between.cut()
        await until(made_anew)
        service.start("worker")

        status, out, err = await typed.said(watching)

    assert status == 0, err
    assert [line.split("\t")[1] for line in out.splitlines()] == ["ready"] * 3


async def test_ctrl_c_ends_it_in_a_line_and_what_was_uploaded_stays(idle, album, tmp_path):
    _, person = idle

    async def uploaded():
        return await count(person) == 3

    watching = await typed.started(person, tmp_path, "upload", album, "--watch")
    await until(uploaded)
    watching.send_signal(signal.SIGINT)
    status, out, err = await typed.said(watching)

    assert (status, out) == (130, "")
    assert err.startswith("darkroom: stopped after ")
    assert err.endswith(" of 3 files; started again, it keeps none twice\n")
    assert await count(person) == 3


async def test_a_name_may_hold_anything_and_moves_no_cursor(as_ann, tmp_path):
    for name in (b"a\x1b[2Jb.jpg", b"\xff.jpg", "ü\u202egpj.jpg".encode()):
        file = os.path.join(os.fsencode(tmp_path), name)  # noqa: PTH118 - it is no text
        with open(file, "wb") as writing:  # noqa: ASYNC230, PTH123 - as above
            writing.write(pictures.jpeg(seed=sum(name)))

    told = await as_ann("upload", ".")
    as_json = await as_ann("upload", ".", "--json")
    listed = await as_ann("images", "list")

    assert [told[0], as_json[0], listed[0]] == [0, 0, 0], told[2] + as_json[2]
    assert len(told[1].splitlines()) == len(listed[1].splitlines()) == 3
    assert not {"\x1b", "\u202e"} & set(told[1] + told[2] + listed[1])
    assert json.loads(as_json[1])["duplicates"] == 3


async def test_on_a_terminal_bars_and_tables_fit_it(ann, album, tmp_path):
    (tmp_path / f"{'long' * 30}.jpg").write_bytes(pictures.jpeg(seed=9))

    screen = await typed.on_a_terminal(ann, tmp_path, "upload", ".", "--watch", width=80)
    listed = await typed.on_a_terminal(ann, tmp_path, "images", "list", width=80)

    assert "Uploading" in screen
    assert "Developing" in screen
    assert "4 of 4 files" in screen
    assert listed.split()[:6] == ["Uploaded", "State", "Size", "Bytes", "Filename", "Tags"]
    assert max(len(line) for line in (screen + listed).splitlines()) <= 80


def _broken(png):
    """A PNG whose head is right, and whose pixels are not."""
    place = png.index(b"IDAT") + 30
    return png[:place] + bytes(40) + png[place + 40 :]
