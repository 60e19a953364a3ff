"""uvicorn as we run it."""

from __future__ import annotations

import gc
import resource

import pytest

import server
from settings import Settings


def test_what_is_there_is_passed_over_by_later_collections():
    before = gc.get_threshold()
    try:
        server.keep_what_is_there()
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold()[0] > before[0]
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


@pytest.mark.parametrize(
    ("descriptors", "connections"), [(64, 48), (100_000, 1_000), (resource.RLIM_INFINITY, 1_000)]
)
def test_x10_a_quarter_of_the_descriptors_is_left_for_what_requests_need(
    monkeypatch, descriptors, connections
):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (descriptors, descriptors))

    bounds = server._bounds(Settings(jwt_secret="s" * 32, max_connections=1_000))

    assert bounds.max_connections == connections
