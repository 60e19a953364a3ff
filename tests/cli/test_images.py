"""`darkroom images list`, and how `darkroom upload --watch` hears of the end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.images import following
from cli.images.following import Following
from cli.images.outcome import Outcome
from client import Darkroom, RefusedError, UnreachableError
from client.errors import EVENTS_EXPIRED, UNAUTHENTICATED
from client.generated import ImageState
from tests import pictures
from tests.acceptance import upkeep
from tests.client import Person

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
    assert out.split("\t")[3] == "64x48"
    assert err == "darkroom: 3 of 4 images; --limit 0 lists all\n"


async def test_for_programs_each_image_is_an_object_on_a_line(four, as_ann):
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


class Stuttering(Darkroom):
    """A service whose changes cannot be heard at first."""

    error: Exception | None

    def changes(self, after=None):
        if self.error:
            return self._failing()
        return super().changes(after)

    async def _failing(self):
        error, self.error = self.error, None
        raise error
        yield


@pytest.fixture
def as_uploaded(ann):
    """An image as its upload answered, although it is developed by now."""

    async def developed(darkroom):
        image = await ann.developed(pictures.jpeg(seed=1))
        return (await darkroom.operations.image(image["id"])).model_copy(
            update={"state": ImageState.PROCESSING}
        )

    return developed


@pytest.mark.parametrize(
    "error", [RefusedError("that is too long ago", EVENTS_EXPIRED), UnreachableError("the line was cut")]
)
async def test_what_ends_while_changes_cannot_be_heard_is_known_in_the_end(
    ann, as_uploaded, error, monkeypatch
):
    monkeypatch.setattr(following, "PAUSE_SECONDS", 0)
    async with Stuttering(ann.url, ann.token) as darkroom:
        darkroom.error = error
        async with Following.begun(darkroom) as followed:
            image = await followed.end_of(await as_uploaded(darkroom))

    assert image.state is ImageState.READY


async def test_what_is_deleted_meanwhile_is_not_waited_for(guarded):
    async with (
        Person.signed_up(guarded.url) as person,
        Darkroom(person.url, person.token) as darkroom,
        Following.begun(darkroom) as followed,
    ):
        image_id = (await person.upload(pictures.jpeg(seed=1)))["image"]["id"]
        image = await darkroom.operations.image(image_id)
        await upkeep.delete(person, image_id)
        ended = await followed.end_of(image)

    assert ended is None
    assert not Outcome.of(Path("a.jpg"), ended, is_duplicate=False).is_well


async def test_who_may_hear_no_more_is_told_so(ann, as_uploaded):
    async with Stuttering(ann.url, ann.token) as darkroom:
        at_first = await as_uploaded(darkroom)
        darkroom.error = RefusedError("the access token is no longer good", UNAUTHENTICATED)
        async with Following.begun(darkroom) as followed:
            with pytest.raises(RefusedError, match="no longer"):
                await followed.end_of(at_first)
