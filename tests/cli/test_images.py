"""`darkroom images list`, and how `darkroom upload --watch` hears of the end."""

from __future__ import annotations

import json

import pytest

from cli.images.following import Following
from client import Darkroom, RefusedError
from client.errors import EVENTS_EXPIRED
from client.generated import ImageState
from tests import pictures
from tests.acceptance import upkeep

pytestmark = pytest.mark.mongo


@pytest.fixture
async def four(ann):
    """Four images, the oldest first; every other one has a tag."""
    for seed in range(4):
        await ann.upload(pictures.jpeg(seed=seed), f"{seed}.jpg", tags=["odd"] if seed % 2 else [])
    return ann


async def test_images_are_listed_the_newest_first_as_many_as_are_wanted(four, as_ann):
    status, out, err = await as_ann("images", "list", "--limit", "3")

    assert status == 0
    assert [line.split("\t")[5] for line in out.splitlines()] == ["3.jpg", "2.jpg", "1.jpg"]
    assert out.splitlines()[0].split("\t")[3:5] == ["64x48", out.splitlines()[0].split("\t")[4]]
    assert err == "darkroom: 3 of 4 images; --limit 0 lists all\n"


async def test_for_programs_each_image_is_an_object_on_a_line(four, as_ann, monkeypatch):
    status, out, err = await as_ann("images", "list", "--limit", "0", "--json", "--tag", "odd")

    images = [json.loads(line) for line in out.splitlines()]
    assert (status, err) == (0, "")
    assert [(image["filename"], image["tags"]) for image in images] == [
        ("3.jpg", ["odd"]),
        ("1.jpg", ["odd"]),
    ]
    assert all(image["url"].startswith(four.url) for image in images)


async def test_images_are_narrowed_down_by_words_state_and_trash(four, as_ann):
    page = await four.data('{ gallery(filter: {search: "0"}) { nodes { id } } }')
    await upkeep.delete(four, page["gallery"]["nodes"][0]["id"])

    trashed = await as_ann("images", "list", "--trashed", "--json")
    found = await as_ann("images", "list", "--search", "2", "--json")
    failed = await as_ann("images", "list", "--state", "failed")

    assert [json.loads(answer[1])["filename"] for answer in (trashed, found)] == ["0.jpg", "2.jpg"]
    assert failed == (0, "", "darkroom: there are no such images\n")


@pytest.mark.parametrize(
    ("words", "environment", "told"),
    [
        (["--state", "gone"], {}, "PROCESSING, READY, FAILED"),
        ([], {"DARKROOM_URL": "http://127.0.0.1:9"}, "Connection refused"),
        ([], {"DARKROOM_PASSWORD": "wrong horse battery"}, "password"),
    ],
)
async def test_what_cannot_be_listed_is_said_in_a_line(as_ann, words, environment, told):
    status, out, err = await as_ann("images", "list", *words, **environment)

    assert (status, out) == (2, "")
    assert told in err
    assert "Traceback" not in err


class Forgetful(Darkroom):
    """A service that at first does not remember what has changed."""

    def changes(self, after=None):
        if self.forgets:
            self.forgets -= 1
            return self._forgotten()
        return super().changes(after)

    async def _forgotten(self):
        raise RefusedError("that is too long ago", EVENTS_EXPIRED)
        yield


async def test_what_ended_while_changes_were_forgotten_is_looked_up(ann):
    ready = await ann.developed(pictures.jpeg(seed=1))
    async with Forgetful(ann.url, ann.token) as darkroom:
        darkroom.forgets = 2
        at_first = (await darkroom.operations.image(ready["id"])).model_copy(
            update={"state": ImageState.PROCESSING}
        )

        async with Following.begun(darkroom) as following:
            image = await following.end_of(at_first)

    assert image.state is ImageState.READY


async def test_who_may_hear_no_more_is_told_so(ann):
    uploaded = await ann.upload(pictures.jpeg(seed=1))
    async with Darkroom(ann.url, ann.token) as darkroom:
        at_first = (await darkroom.operations.image(uploaded["image"]["id"])).model_copy(
            update={"state": ImageState.PROCESSING}
        )
        async with Following.begun(darkroom) as following:
            darkroom.operations.token = "over"
            with pytest.raises(RefusedError, match="no longer"):
                await following.end_of(at_first)
