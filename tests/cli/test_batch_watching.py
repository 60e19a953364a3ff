"""What `darkroom batch watch` says when there is nothing more to watch."""

from __future__ import annotations

import pytest

from cli.batches import running
from cli.batches.service import RefusedError


class Deleted:
    """A service in which the batch is deleted while it is watched: its stream ends, and it is not found any more."""

    async def watch(self, query, variables):
        counts = {"total": 2, "succeeded": 1, "failed": 0, "cancelled": 1}
        yield {
            "batchProgress": {"sequence": 1, "state": "CANCELLED", "etaSeconds": None, "counts": counts},
        }

    async def ask(self, query, **variables):
        return {"batch": None}


async def test_a_batch_that_is_deleted_meanwhile_is_said_to_be(tmp_path):
    with pytest.raises(RefusedError, match="deleted"):
        await running._watched(Deleted(), "QmF0Y2g6NjY4", tmp_path / "results.csv", as_json=True)
