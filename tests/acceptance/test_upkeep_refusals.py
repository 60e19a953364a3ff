"""Nobody changes what is another's; what is done at once or over a socket comes out the same."""

from __future__ import annotations

import asyncio

import pytest
from bson import ObjectId

from resolvers import ids
from tests import pictures
from tests.acceptance.upkeep import DELETE, IMAGE, RESTORE, UPDATE, delete, restore, standing, status

MUTATIONS = [("updateImage", UPDATE), ("deleteImage", DELETE), ("restoreImage", RESTORE)]


@pytest.fixture
def photo():
    return pictures.jpeg(seed=40)


@pytest.fixture
async def image(ann, photo):
    """Ann's developed image, with its addresses."""
    developed = await ann.developed(photo, caption="At sea", tags=["holiday"])
    return (await ann.data(IMAGE, id=developed["id"]))["image"]


@pytest.mark.parametrize(("field", "mutation"), MUTATIONS)
async def test_anothers_an_unknown_and_a_malformed_id_are_not_found_alike(ann, ben, image, field, mutation):
    unknown = ids.encode("Image", ObjectId())
    for image_id in (image["id"], unknown, "garbage", "", ben.id, "A" * 1000):
        answer = (await ben.data(mutation, input={"id": image_id}))[field]
        assert answer == {
            "__typename": "NotFoundError",
            "id": image_id,
            "message": "There is nothing with this id.",
        }
    assert (await ann.data(IMAGE, id=image["id"]))["image"] == image


async def test_another_cannot_delete_for_good_either(ann, ben, image):
    assert (await delete(ben, image["id"], permanently=True))["__typename"] == "NotFoundError"
    assert await status(ann, image["url"]) == 200


@pytest.mark.parametrize(("field", "mutation"), MUTATIONS)
async def test_nobody_changes_anything_without_signing_in(client, image, field, mutation):
    answer = await client.execute(mutation, input={"id": image["id"]})

    assert answer["data"] == {field: None}
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_the_same_is_done_over_a_socket(ann, ben, image):
    async def over_socket(person, mutation, **fields):
        (payload,) = await person.subscribe(mutation, input={"id": image["id"], **fields})
        (answer,) = payload["data"].values()
        return answer["__typename"]

    assert await over_socket(ben, DELETE) == "NotFoundError"
    assert await over_socket(ann, UPDATE, tags=["a"]) == "UpdateImagePayload"
    assert await over_socket(ann, DELETE) == "DeleteImagePayload"
    assert await over_socket(ann, RESTORE) == "RestoreImagePayload"
    assert await standing(ann) == ({image["id"]}, 1, (1, len(pictures.jpeg(seed=40))))
    assert await over_socket(ann, DELETE, permanently=True) == "DeleteImagePayload"
    assert (await standing(ann))[:2] == (set(), 0)


async def test_deletes_and_restores_at_once_leave_exact_counts(ann, image, photo):
    work = [delete(ann, image["id"]), restore(ann, image["id"])] * 5

    await asyncio.gather(*work)

    stands, count, usage = await standing(ann)
    assert (count, usage) == (len(stands), (len(stands), len(photo)))
