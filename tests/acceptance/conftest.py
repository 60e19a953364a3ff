"""What operations answer is told with compiled plans and without; without them with the default storage alone."""

from __future__ import annotations

import pytest

from tests.services import DEFAULT_PLANS, DEFAULT_STORAGE, PLANS

WITH_PLANS_ONLY = frozenset(
    {
        "test_delivery",
        "test_documents",
        "test_guessing",
        "test_kafka",
        "test_leaving",
        "test_live",
        "test_metrics",
        "test_origins",
        "test_playground",
        "test_sessions",
        "test_staged_door",
    }
)
"""About bytes and settings, or looking into the database of the default service."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "service" in metafunc.fixturenames and metafunc.definition.path.stem not in WITH_PLANS_ONLY:
        metafunc.parametrize("plans", PLANS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = [item for item in items if not _is_needless(item)]


def _is_needless(item: pytest.Item) -> bool:
    """Storages and plans know nothing of each other."""
    chosen = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return (
        chosen.get("plans", DEFAULT_PLANS) != DEFAULT_PLANS
        and chosen.get("storage_kind", DEFAULT_STORAGE) != DEFAULT_STORAGE
    )
