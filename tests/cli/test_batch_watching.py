"""What `darkroom batch watch` says when there is nothing more to watch."""

from __future__ import annotations

import pytest

from cli.batches import running
from client import Darkroom, RefusedError
from client.generated import BatchProgressBatchProgress

CANCELLED = BatchProgressBatchProgress.model_validate(
    {
        "sequence": 1,
        "state": "CANCELLED",
        "progress": 0.5,
        "etaSeconds": None,
        "counts": {"total": 2, "pending": 0, "running": 0, "succeeded": 1, "failed": 0, "cancelled": 1},
        "item": None,
    }
)


class Deleted(Darkroom):
    """A service in which the batch is deleted while it is watched: its stream ends, and it is not found any more."""

    async def watch_batch(self, batch_id, after=None):
        yield CANCELLED

    async def batch(self, batch_id):
        raise RefusedError("there is no such batch, or not any more")


async def test_a_batch_that_is_deleted_meanwhile_is_said_to_be(tmp_path):
    async with Deleted("http://nowhere.test") as darkroom:
        with pytest.raises(RefusedError, match="not any more"):
            await running._watched(darkroom, "QmF0Y2g6NjY4", tmp_path / "results.csv", as_json=True)
