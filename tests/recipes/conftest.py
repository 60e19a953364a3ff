"""A service that may fetch from itself, and the recipes of a page beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pymongo import MongoClient

from tests.recipes.pages import Kitchen
from tests.service import Service


@pytest.fixture(scope="module")
def fetching(mongo_uri, xdist_worker, tmp_path_factory) -> Iterator[Service]:
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": f"recipes_{xdist_worker}"}
    service = Service(tmp_path_factory.mktemp("recipes"), **settings)
    service.environment["FETCH_PRIVATE_ALLOWLIST"] = f"127.0.0.1:{service.port}"
    with service:
        yield service


@pytest.fixture
def nobody(fetching, mongo_uri) -> None:
    """As long as nobody has signed up."""
    with MongoClient(mongo_uri) as client:
        client[fetching.environment["MONGODB_DATABASE"]]["users"].delete_many({})


@pytest.fixture
def kitchen(fetching, nobody, tmp_path, request) -> Kitchen:
    """The page that is the test's parameter."""
    return Kitchen(tmp_path, request.param, fetching.url)
