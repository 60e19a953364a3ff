"""What the attacked service keeps."""

from __future__ import annotations

import pytest
from pymongo import AsyncMongoClient


@pytest.fixture
async def kept_by_guarded(guarded, mongo_uri):
    """Its database."""
    async with AsyncMongoClient(mongo_uri, tz_aware=True) as mongo:
        yield mongo[guarded.environment["MONGODB_DATABASE"]]


@pytest.fixture
async def kept_by_service(service, mongo_uri):
    """That of the service whose clocks are those of production."""
    async with AsyncMongoClient(mongo_uri, tz_aware=True) as mongo:
        yield mongo[service.environment["MONGODB_DATABASE"]]
