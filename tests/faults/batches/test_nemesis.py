"""Whatever dies, whenever it dies, and whatever comes twice: no image of a batch is lost, counted twice or left behind."""

from __future__ import annotations

import dataclasses

import pytest

from failpoints import STEPS
from tests.faults.batches import campaign, furies
from tests.faults.batches.ledger import Ledger
from tests.faults.batches.provider import Provider

pytestmark = [pytest.mark.mongo, pytest.mark.timeout(campaign.ENOUGH_SECONDS)]

OURS = [step for steps in furies.OF_BATCHES.values() for step in steps]
ALL = [step for steps in furies.STEPS.values() for step in steps]
PARTS = 3
"""Of the steps, each struck by one of the short campaigns; the last of them has Kafka."""

SHORT, LONG = range(PARTS - 1), range(PARTS, 30)
AT_STORAGE = ["submit.stored", "ingest.stored", "unit.stored", "develop.variant_stored",
              "leftover.deleted", "purge.deleted"]  # fmt: skip


def test_every_step_is_struck_in_some_process():
    assert sorted(ALL) == sorted(STEPS)


@pytest.mark.parametrize("wrong", ["found", "duplicated", "orphaned", "streams_with_holes"])
def test_x15_a_ledger_tells_whatever_was_broken(wrong):
    clean = Ledger(acknowledged=3, found=3, duplicated=0, orphaned=0, streams=2, streams_with_holes=0)

    assert clean.is_clean
    assert not dataclasses.replace(clean, **{wrong: 1}).is_clean


@pytest.mark.parametrize("seed", SHORT)
async def test_x15_killed_at_a_third_of_the_steps_batches_keep_their_promises(tmp_path, seed):
    await campaign.fought(tmp_path, seed, OURS[seed::PARTS])


@pytest.mark.kafka
async def test_x15_so_they_do_with_kafka(tmp_path, kafka):
    await campaign.fought(tmp_path, PARTS - 1, OURS[PARTS - 1 :: PARTS], kafka=kafka)


async def test_x15_so_they_do_with_a_provider_that_fails(tmp_path):
    async with Provider.running() as provider:
        await campaign.fought(tmp_path, PARTS, AT_STORAGE, provider=provider)


@pytest.mark.long
@pytest.mark.parametrize("seed", LONG)
async def test_x8_killed_at_every_step_batches_keep_their_promises(tmp_path, seed):
    await campaign.fought(tmp_path, seed, ALL)
