"""What a webhook is told of a batch."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from delivery.signing import Signer
from processing.manifest import ResultFormat
from resolvers import announcements, ids
from tests import catalogues
from tests.catalogues import FAILED, SUCCEEDED, Row

pytestmark = pytest.mark.mongo
SIGNER = Signer("s" * 32, public_url="http://shop.example", ttl_seconds=300)
AT = datetime(2026, 1, 2, tzinfo=UTC)


async def test_a_webhook_is_told_what_has_become_of_each_image(database, owner_id):
    kept = await catalogues.keep(
        owner_id, Row("Lamp", [SUCCEEDED, FAILED]), state="COMPLETED_WITH_ERRORS", finished_at=AT
    )

    message = json.loads(await announcements.body(kept.batch, SIGNER))

    assert (message["type"], message["timestamp"]) == ("batch.completed_with_errors", "2026-01-02T00:00:00Z")
    assert message["data"]["id"] == ids.of(kept.batch)
    assert message["data"]["resultUrls"].keys() == {str(result_format) for result_format in ResultFormat}
    assert [item["state"] for item in message["data"]["items"]] == ["SUCCEEDED", "FAILED"]


async def test_of_a_large_batch_it_is_told_where_to_read(database, owner_id, monkeypatch):
    monkeypatch.setattr(announcements, "MOST_ITEMS", 1)
    kept = await catalogues.keep(owner_id, Row("Lamp", [SUCCEEDED, FAILED]), finished_at=AT)

    assert json.loads(await announcements.body(kept.batch, SIGNER))["data"]["items"] is None
