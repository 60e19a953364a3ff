"""Images are described anew, put into the trash, taken out of it, and deleted for good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from resolvers import ids
from tests import pictures
from tests.acceptance.upkeep import IMAGE, delete, restore, standing, status, until, update
from tests.client import PROGRESS


@pytest.fixture
def photo():
    return pictures.jpeg(seed=40)


@pytest.fixture
async def image(ann, photo):
    """Ann's developed image, with its addresses."""
    developed = await ann.developed(photo, caption="At sea", tags=["holiday"])
    return (await ann.data(IMAGE, id=developed["id"]))["image"]


# ------------------------------------------------------------------ describing


@pytest.mark.parametrize(
    ("labels", "caption", "tags"),
    [
        ({}, "At sea", ["holiday"]),
        ({"caption": "On land"}, "On land", ["holiday"]),
        ({"caption": None}, None, ["holiday"]),
        ({"tags": ["a", " b ", "a"]}, "At sea", ["a", "b"]),
        ({"tags": None}, "At sea", []),
        ({"caption": None, "tags": []}, None, []),
    ],
)
async def test_what_is_left_out_stays_and_null_clears(ann, image, labels, caption, tags):
    answer = await update(ann, image["id"], **labels)

    assert (answer["image"]["caption"], answer["image"]["tags"]) == (caption, tags)
    read = (await ann.data(IMAGE, id=image["id"]))["image"]
    assert {name: read[name] for name in answer["image"]} == answer["image"]
    assert read["updatedAt"] > image["updatedAt"]


@pytest.mark.parametrize(
    ("labels", "field"),
    [
        ({"caption": "x" * 2001}, ["caption"]),
        ({"tags": [""]}, ["tags"]),
        ({"tags": ["x" * 101]}, ["tags"]),
        ({"tags": [str(number) for number in range(51)]}, ["tags"]),
    ],
)
async def test_labels_that_are_too_long_are_refused_and_nothing_changes(ann, image, labels, field):
    answer = await update(ann, image["id"], **{"caption": "kept out", **labels})

    assert (answer["__typename"], answer["field"]) == ("InvalidInputError", field)
    assert (await ann.data(IMAGE, id=image["id"]))["image"] == image


async def test_an_image_in_the_trash_can_be_described(ann, image):
    await delete(ann, image["id"])

    answer = await update(ann, image["id"], caption="Still mine")

    assert answer["image"]["caption"] == "Still mine"
    assert answer["image"]["deletedAt"]


# ------------------------------------------------------------------ the trash


@pytest.mark.every_storage
async def test_a_deleted_image_is_in_no_gallery_but_is_still_found_and_delivered(ann, image, photo):
    answer = await delete(ann, image["id"])

    assert answer == {"__typename": "DeleteImagePayload", "deletedImageId": image["id"]}
    assert await standing(ann) == (set(), 0, (0, len(photo)))
    found = await ann.data(IMAGE, id=image["id"])
    assert found["node"] == {"id": image["id"]}
    assert datetime.fromisoformat(found["image"]["deletedAt"]) > datetime.now(UTC) - timedelta(minutes=5)
    for url in (image["url"], *(variant["url"] for variant in image["variants"])):
        assert await status(ann, url) == 200


async def test_deleting_again_answers_the_same_and_changes_nothing(ann, image):
    first = await delete(ann, image["id"])
    found = (await ann.data(IMAGE, id=image["id"]))["image"]

    assert await delete(ann, image["id"], permanently=None) == first
    assert (await ann.data(IMAGE, id=image["id"]))["image"] == found


async def test_a_restored_image_is_back_in_the_gallery(ann, image, photo):
    await delete(ann, image["id"])

    for _ in range(2):
        answer = await restore(ann, image["id"])

        assert answer["image"] == {"id": image["id"], "deletedAt": None, "state": "READY"}
        assert await standing(ann) == ({image["id"]}, 1, (1, len(photo)))


async def test_an_image_that_was_never_deleted_is_restored_as_it_is(ann, image):
    assert (await restore(ann, image["id"]))["image"]["id"] == image["id"]
    assert (await ann.data(IMAGE, id=image["id"]))["image"] == image


async def test_an_image_in_the_trash_is_developed_to_its_end(ann):
    uploaded = await ann.upload(pictures.photo(seed=4))
    await delete(ann, uploaded["image"]["id"])

    events = await ann.progress(uploaded["image"]["id"], after=0)

    assert [event["stage"] for event in events] == ["STORED", "PROBED", "VARIANTS_MADE", "READY"]


@pytest.mark.every_storage
async def test_the_bytes_of_an_image_in_the_trash_can_be_uploaded_again_and_both_are_kept(ann, image, photo):
    await delete(ann, image["id"])
    again = await ann.upload(photo)
    assert (again["duplicate"], again["image"]["id"] != image["id"]) == (False, True)

    await restore(ann, image["id"])
    assert await standing(ann) == ({image["id"], again["image"]["id"]}, 2, (2, 2 * len(photo)))
    third = await ann.upload(photo)
    assert (third["duplicate"], third["image"]["id"]) == (True, again["image"]["id"])

    await delete(ann, again["image"]["id"])
    fourth = await ann.upload(photo)
    assert (fourth["duplicate"], fourth["image"]["id"]) == (True, image["id"])


# ------------------------------------------------------------------ for good


@pytest.mark.every_storage
@pytest.mark.parametrize("from_trash", [False, True])
async def test_what_is_deleted_for_good_is_nowhere(ann, image, nothing_stored, from_trash):
    if from_trash:
        await delete(ann, image["id"])

    answer = await delete(ann, image["id"], permanently=True)

    assert answer == {"__typename": "DeleteImagePayload", "deletedImageId": image["id"]}
    assert await ann.data(IMAGE, id=image["id"]) == {"image": None, "node": None}
    assert await standing(ann) == (set(), 0, (0, 0))
    for url in (image["url"], *(variant["url"] for variant in image["variants"])):
        assert await status(ann, url) == 404
    (watched,) = await ann.subscribe(PROGRESS, id=image["id"], after=0)
    assert watched["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    for person_does in (update, delete, restore):
        assert (await person_does(ann, image["id"]))["__typename"] == "NotFoundError"
    await until(lambda: nothing_stored(image["id"]))


@pytest.mark.every_storage
async def test_an_image_that_is_deleted_while_it_is_developed_leaves_nothing(ann, nothing_stored):
    uploaded = await ann.upload(pictures.photo(seed=5))

    await delete(ann, uploaded["image"]["id"], permanently=True)

    await until(lambda: nothing_stored(uploaded["image"]["id"]))


@pytest.fixture
def nothing_stored(stored):
    """Whether storage holds nothing of an image; what it held before is known by the keys."""

    async def look(image_id):
        document_id = str(ids.decode(image_id, "Image"))
        return not [found async for found in stored.list("") if document_id in found.key]

    return look
