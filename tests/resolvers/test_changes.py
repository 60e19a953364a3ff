"""A page's cursor lies before the page was read."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from models.moment import Moment
from processing.live import LiveFeed
from resolvers import changes
from resolvers.context import Context
from tests.processing.stream import announce, until

pytestmark = pytest.mark.mongo
SOON = 10


async def test_what_changes_while_an_operation_runs_lies_behind_its_cursor(database, owner_id):
    live = LiveFeed()
    await live.start()
    context = Context(SimpleNamespace(live=live), None, None)
    began_at = live.reached

    image_id = await announce(owner_id)

    async def has_come():
        return live.reached > began_at

    await until(has_come)
    after = Moment.decode(changes.cursor(context))
    due = await asyncio.wait_for(anext(live.gallery.follow(owner_id, after)), SOON)
    assert after == began_at
    assert [change.image_id for change in due] == [image_id]
    await live.close()
