"""What is no id of anything answers as the id of nothing; `tests/hostile/rights/` tells of ids of others."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "image_id",
    ["", "garbage", "SW1hZ2U6", "SW1hZ2U6eHl6", "=" * 40, "A" * 100_000, '{"$ne":null}', "SW1hZ2U6\u0000"],
)
async def test_a_malformed_id_answers_as_an_unknown_one(ann, image_id):
    data = await ann.data("query ($id: ID!) { image(id: $id) { id } node(id: $id) { id } }", id=image_id)

    assert data == {"image": None, "node": None}


async def test_an_id_of_another_kind_is_no_image(ann):
    assert (await ann.data("query ($id: ID!) { image(id: $id) { id } }", id=ann.id))["image"] is None
