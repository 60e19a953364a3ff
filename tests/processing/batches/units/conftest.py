"""What tests of units share."""

from __future__ import annotations

import pytest

from tests.processing.batches.units.workshop import Workshop
from tests.processing.fetch.origin import Origin


@pytest.fixture
async def origin():
    async with Origin().listening() as server:
        yield server


@pytest.fixture
async def workshop(database, origin):
    made = Workshop(origin)
    yield made
    await made.queue.close()
