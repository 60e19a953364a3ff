"""Pictures of other systems are taken over once, and what was not is said."""

from __future__ import annotations

import asyncio

import pytest

import failpoints
from errors import FetchFailedError, StorageError
from models.adoption import Adoption
from models.image import Image
from processing.adopting import ItemUnreadableError
from tests import pictures

pytestmark = pytest.mark.mongo


def photos(count):
    return {str(n): pictures.jpeg(seed=900 + n) for n in range(count)}


async def images(owner_id):
    return await Image.find(Image.owner_id == owner_id).to_list()


async def test_everything_is_taken_over_with_what_is_said_of_it(adopt, box, owner_id):
    box.contents = photos(70)  # more than are looked up at once

    adopted = await adopt()

    assert (adopted.outcomes, adopted.is_complete, len(adopt.passed)) == ({"adopted": 70}, True, 70)
    found = {image.filename: image for image in await images(owner_id)}
    assert len(found) == 70
    assert (found["3.jpg"].caption, found["3.jpg"].tags) == ("says 3", ["old"])


async def test_what_is_known_is_not_read_again(adopt, box, owner_id):
    box.contents = photos(3)
    await adopt()
    box.opened.clear()
    box.contents["3"] = pictures.jpeg(seed=999)

    again = await adopt()

    assert (again.outcomes, again.is_complete) == ({"known": 3, "adopted": 1}, True)
    assert box.opened == ["3"]
    assert len(await images(owner_id)) == 4


async def test_what_its_owner_deleted_since_does_not_come_back(adopt, box, owner_id):
    box.contents = photos(1)
    await adopt()
    (image,) = await images(owner_id)
    await image.delete()

    assert (await adopt()).outcomes == {"known": 1}
    assert await images(owner_id) == []


async def test_bytes_that_the_owner_has_are_that_image(adopt, box, owner_id):
    photo = pictures.jpeg(seed=950)
    box.contents = {"a": photo}
    await adopt()
    box.contents = {"a": photo, "b": photo}

    assert (await adopt()).outcomes == {"known": 1, "duplicate": 1}
    (image,) = await images(owner_id)
    ended = await Adoption.ended(box.name, ["a", "b"])
    assert {adoption.image_id for adoption in ended.values()} == {image.id}
    assert ended["b"].checksum_sha256 == image.checksum_sha256


@pytest.mark.parametrize(
    "content",
    [b"no picture", pictures.jpeg()[:-2], ItemUnreadableError("no address")],
    ids=["text", "cut", "none"],
)
async def test_a_refusal_is_remembered_and_said_again_without_reading(adopt, box, storage, content):
    box.contents = {"bad": content, "good": pictures.jpeg(seed=951)}
    first = await adopt()
    box.opened.clear()

    again = await adopt()

    assert (first.outcomes, first.is_complete) == ({"refused": 1, "adopted": 1}, False)
    assert (again.outcomes, again.problems) == ({"refused": 1, "known": 1}, first.problems)
    assert box.opened == []
    assert len([stored async for stored in storage.list("")]) == 1


async def test_what_was_refused_can_be_tried_again(adopt, box):
    box.contents = {"a": b"no picture"}
    await adopt()
    box.contents = {"a": pictures.jpeg(seed=952)}

    assert (await adopt(retry_refused=True)).outcomes == {"adopted": 1}
    assert (await adopt(retry_refused=True)).outcomes == {"known": 1}


@pytest.mark.parametrize("failure", [FetchFailedError(), StorageError("down"), OSError("reset")])
async def test_what_failed_for_now_is_tried_again(adopt, box, failure):
    box.contents = {"a": failure, "b": pictures.jpeg(seed=953)}
    first = await adopt()
    box.contents["a"] = pictures.jpeg(seed=954)

    assert (first.outcomes, first.is_complete) == ({"failed": 1, "adopted": 1}, False)
    assert list(first.problems) == ["a"]
    assert (await adopt()).outcomes == {"known": 1, "adopted": 1}


async def test_what_nobody_here_owns_is_left_and_listed(adopt, box):
    box.contents, box.owners = photos(3), {"0": "nobody", "2": "nobody"}

    adopted = await adopt()

    assert (adopted.outcomes, adopted.unknown_owners) == ({"unowned": 2, "adopted": 1}, {"nobody": 2})
    assert (box.opened, adopted.is_complete) == (["1"], False)
    box.owners = {}
    assert (await adopt()).outcomes == {"known": 1, "adopted": 2}


async def test_a_dry_run_says_what_would_be_tried_and_touches_nothing(adopt, box, owner_id):
    box.contents = photos(2)
    await adopt()
    box.contents |= {"2": pictures.jpeg(seed=955)}
    box.opened.clear()

    looked = await adopt(dry_run=True)

    assert (looked.outcomes, [item.id for item in looked.wanted]) == ({"known": 2, "wanted": 1}, ["2"])
    assert box.opened == []
    assert len(await images(owner_id)) == 2


@pytest.mark.parametrize("step", ["ingest.stored", "ingest.committing"])
async def test_what_failed_before_its_commit_is_not_remembered(adopt, box, owner_id, step):
    box.contents = {"a": pictures.jpeg(seed=956)}
    failpoints.arm(failpoints.parsed(f"{step}:error"))
    try:
        with pytest.raises(failpoints.InjectedError):
            await adopt()
    finally:
        failpoints.arm([])

    assert await Adoption.ended(box.name, ["a"]) == {}
    assert (await adopt()).outcomes == {"adopted": 1}
    assert len(await images(owner_id)) == 1


async def test_two_runs_at_once_take_each_picture_once(adopt, box, owner_id):
    box.contents = photos(20)

    first, second = await asyncio.gather(adopt(), adopt())

    assert len(await images(owner_id)) == 20
    assert (await adopt()).outcomes == {"known": 20}
    assert first.outcomes["adopted"] + second.outcomes["adopted"] == 20
