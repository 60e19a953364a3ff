"""What operations answer is told with compiled plans and without; without them with the default storage alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from tests.service import Service
from tests.services import DEFAULT_PLANS, DEFAULT_STORAGE, PLANS

ABOUT_BYTES_AND_SETTINGS = frozenset(
    {
        "test_delivery",
        "test_documents",
        "test_kafka",
        "test_metrics",
        "test_origins",
        "test_playground",
        "test_staged_door",
    }
)
"""Without plans in `make test-long` alone."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "service" in metafunc.fixturenames:
        is_long = metafunc.definition.path.stem in ABOUT_BYTES_AND_SETTINGS
        without = [pytest.mark.long] if is_long else []
        plans = [pytest.param(each, marks=without if each != DEFAULT_PLANS else []) for each in PLANS]
        metafunc.parametrize("plans", plans)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = [item for item in items if not _is_needless(item)]


def _is_needless(item: pytest.Item) -> bool:
    """Storages and plans know nothing of each other."""
    chosen = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return (
        chosen.get("plans", DEFAULT_PLANS) != DEFAULT_PLANS
        and chosen.get("storage_kind", DEFAULT_STORAGE) != DEFAULT_STORAGE
    )


@pytest.fixture
async def kept(service: Service, mongo_uri: str) -> AsyncIterator[AsyncDatabase[dict[str, Any]]]:
    """What the service keeps."""
    async with AsyncMongoClient(mongo_uri, tz_aware=True) as mongo:
        yield mongo[service.environment["MONGODB_DATABASE"]]
