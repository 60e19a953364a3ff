"""Uploads that end together share a transaction; whoever is alone is not kept waiting."""

from __future__ import annotations

import asyncio

import pytest

from models import transactions
from models.values import MetadataPolicy
from processing import register
from processing.ingest import Incoming, Intake, Labels
from processing.queue.mongo import MongoQueue
from processing.quota import limited_to
from processing.register import Register
from storage.memory import MemoryStorage
from tests import pictures
from tests.processing.taking_in import LIMITS

pytestmark = pytest.mark.mongo


@pytest.fixture
def committed(monkeypatch):
    """How many transactions there were."""
    run, begun = transactions.run, []

    async def counted(work):
        begun.append(work)
        return await run(work)

    monkeypatch.setattr(transactions, "run", counted)
    return begun


@pytest.fixture
def upload(database, owner_id, monkeypatch):
    monkeypatch.setattr(register, "COMPANY_SECONDS", 600)
    intake = Intake(MemoryStorage(), Register(MongoQueue()), LIMITS, limited_to(None))

    async def take_in(width_px):
        async def pieces():
            yield pictures.jpeg(width_px)

        about = Labels(None, [], MetadataPolicy.STRIP_ALL)
        return await intake.take_in(Incoming(owner_id, "a.jpg", pieces(), about))

    return take_in


async def test_company_that_has_left_is_not_waited_for(upload, committed):
    await asyncio.gather(*(upload(width_px) for width_px in (10, 11, 12)))

    await upload(13)

    assert len(committed) == 2


async def test_an_upload_that_failed_is_not_waited_for(upload, committed):
    await asyncio.gather(*(upload(width_px) for width_px in (10, 11, 12)))

    _, *refused = await asyncio.gather(upload(13), upload(0), return_exceptions=True)

    assert isinstance(*refused, Exception)
    assert len(committed) == 2
