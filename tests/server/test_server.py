"""uvicorn as we run it."""

from __future__ import annotations

import gc

import server


def test_what_is_there_is_passed_over_by_later_collections():
    before = gc.get_threshold()
    try:
        server.keep_what_is_there()
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold()[0] > before[0]
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
