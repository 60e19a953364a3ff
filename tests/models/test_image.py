"""Queries use the indexes that were made for them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from beanie import PydanticObjectId

from models.image import Image, _behind
from models.page import Position

pytestmark = pytest.mark.mongo


async def test_a_page_of_the_gallery_is_read_from_its_index_without_a_sort(database):
    position = Position(datetime.now(UTC), PydanticObjectId())
    query = {"owner_id": PydanticObjectId(), "shelf": "GALLERY", **_behind(position)}

    plan = (
        await Image.get_pymongo_collection()
        .find(query)
        .sort([("created_at", -1), ("_id", -1)])
        .limit(21)
        .explain()
    )

    stages = str(plan["queryPlanner"]["winningPlan"])
    assert "'IXSCAN'" in stages
    assert "'COLLSCAN'" not in stages
    assert "'SORT'" not in stages
