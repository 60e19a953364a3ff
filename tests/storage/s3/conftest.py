"""A connection to S3 on which anything can go wrong, and what is behind it."""

from __future__ import annotations

import secrets

import pytest

from tests.storage.faulty_s3 import FaultyS3


@pytest.fixture
async def faulty(moto):
    async with FaultyS3(moto) as running:
        yield running


@pytest.fixture
def storage(faulty):
    return faulty.storage


@pytest.fixture
def key():
    return f"originals/{secrets.token_hex(8)}"
