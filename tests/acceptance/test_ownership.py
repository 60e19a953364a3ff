"""Nobody sees another's things, by any field or id: the answer is the same as for what does not exist."""

from __future__ import annotations

import pytest

from tests import pictures

UNKNOWN = "SW1hZ2U6NjU1ZjAwMDAwMDAwMDAwMDAwMDAwMDAw"


@pytest.fixture
async def bens_image(ben):
    return (await ben.developed(pictures.jpeg(seed=30)))["id"]


@pytest.mark.parametrize(
    "field", ["image(id: $id) { id }", "node(id: $id) { id }", "nodes(ids: [$id]) { id }"]
)
async def test_anothers_image_answers_as_an_unknown_one(ann, ben, bens_image, field):
    query = f"query ($id: ID!) {{ {field} }}"

    assert await ann.execute(query, id=bens_image) == await ann.execute(query, id=UNKNOWN)
    assert await ben.execute(query, id=bens_image) != await ben.execute(query, id=UNKNOWN)


async def test_another_user_is_nobodys_node(ann, ben):
    query = "query ($id: ID!) { node(id: $id) { id } }"

    assert (await ann.data(query, id=ben.id))["node"] is None
    assert (await ann.data(query, id=ann.id))["node"] == {"id": ann.id}


async def test_anothers_images_are_in_no_list_and_no_count(ann, bens_image):
    data = await ann.data(
        "{ gallery { totalCount nodes { id } } viewer { usage { imageCount storedBytes } } }"
    )

    assert data == {
        "gallery": {"totalCount": 0, "nodes": []},
        "viewer": {"usage": {"imageCount": 0, "storedBytes": 0}},
    }


async def test_anothers_cursor_leads_into_ones_own_list(ann, ben, bens_image):
    mine = (await ann.upload(pictures.jpeg(seed=31)))["image"]["id"]
    cursor = (await ben.data("{ gallery { pageInfo { endCursor } } }"))["gallery"]["pageInfo"]["endCursor"]

    page = await ann.data("query ($after: String) { gallery(after: $after) { nodes { id } } }", after=cursor)

    assert bens_image not in str(page)
    assert mine not in str(page)


@pytest.mark.parametrize(
    "image_id",
    ["", "garbage", "SW1hZ2U6", "SW1hZ2U6eHl6", "=" * 40, "A" * 100_000, '{"$ne":null}', "SW1hZ2U6\u0000"],
)
async def test_a_malformed_id_answers_as_an_unknown_one(ann, image_id):
    data = await ann.data("query ($id: ID!) { image(id: $id) { id } node(id: $id) { id } }", id=image_id)

    assert data == {"image": None, "node": None}


async def test_an_id_of_another_kind_is_no_image(ann):
    assert (await ann.data("query ($id: ID!) { image(id: $id) { id } }", id=ann.id))["image"] is None


async def test_ones_own_address_opens_no_other_image(ann, ben, bens_image):
    mine = (await ann.upload(pictures.jpeg(seed=32)))["image"]["url"]
    theirs = (await ben.data("query ($id: ID!) { image(id: $id) { url } }", id=bens_image))["image"]["url"]
    (my_path, my_signature), (their_path, _) = mine.split("?"), theirs.split("?")

    async with ann.http.get(f"{their_path}?{my_signature}", headers=ann.headers) as response:
        assert response.status == 403
    async with ann.http.get(f"{my_path}?{my_signature}") as response:
        assert response.status == 200
