"""Many are looked up at once, and nothing is remembered."""

from __future__ import annotations

import asyncio

import pytest

from models import transactions
from models.tally import Share, Tally
from resolvers.loaders import Loaders

pytestmark = pytest.mark.mongo


async def test_a_subscription_sees_what_has_changed_since_its_last_event(database, owner_id):
    loaders = Loaders()
    before = await loaders.usage.load(owner_id)

    line = Tally(owner_id=owner_id, image_count=1, stored_bytes=7)
    await transactions.run(lambda transaction: Tally.add([line], transaction))

    assert before == Share()
    assert await loaders.usage.load(owner_id) == Share(1, 7)


async def test_what_a_page_asks_for_is_one_query(database, owner_id, monkeypatch):
    asked = []

    async def counted(owner_ids):
        asked.append(set(owner_ids))
        return {owner_id: Share(1, 7)}

    monkeypatch.setattr(Tally, "of_owners", counted)
    loaders = Loaders()

    shares = await asyncio.gather(*(loaders.usage.load(owner_id) for _ in range(100)))

    assert shares == [Share(1, 7)] * 100
    assert asked == [{owner_id}]
