from __future__ import annotations

import asyncio
import json

import pytest

from benchmarks import origin, pipelines, submission
from benchmarks.load import UnexpectedAnswerError
from benchmarks.masses import Memory
from benchmarks.pipelines import CODEC, OURS, THEIRS, Found, Run
from processing.probe import Limits, Probe


def probed(content):
    probe = Probe(Limits(50_000_000, 1_000))
    probe.feed(content)
    return probe.finish()


def event(state, at="2026-01-01T00:00:00.000Z", **item):
    told = {"sequence": 1, "state": state, "counts": {}, "item": item or None, "at": at}
    return json.dumps({"payload": {"data": {"batchProgress": told}}}).encode()


@pytest.mark.parametrize("size_bytes", [2_000, 150_000])
def test_the_origin_serves_pictures_of_a_size_and_no_two_alike(size_bytes):
    picture = origin.picture(size_bytes)

    served = {origin.numbered(picture, number) for number in range(3)}

    assert {len(each) for each in served} == {size_bytes}
    assert len({probed(each) for each in served}) == 1
    assert len(served) == 3


async def test_progress_counts_the_events_of_items_and_ends_with_the_batch():
    progress = submission.Progress()

    for message in (event("QUEUED"), event("RUNNING"), event("RUNNING", id="a"), event("COMPLETED")):
        progress.hear(message)

    assert (await progress.completed()).event["state"] == "COMPLETED"
    assert progress.heard == len(progress.delays_seconds) == 1
    assert progress.began.event["state"] == "RUNNING"


async def test_a_batch_with_errors_is_no_measurement():
    progress = submission.Progress()

    progress.hear(event("COMPLETED_WITH_ERRORS"))

    with pytest.raises(UnexpectedAnswerError):
        await progress.completed()


async def test_an_error_instead_of_an_event_is_no_measurement():
    progress = submission.Progress()

    progress.hear(b'{"payload": {"errors": [{"message": "no"}]}}')

    with pytest.raises(UnexpectedAnswerError):
        await asyncio.wait_for(progress.completed(), 1)


@pytest.mark.parametrize(("share", "value"), [(0.5, 51), (0.99, 100), (1, 100)])
def test_percentiles(share, value):
    assert submission.percentile(range(1, 101), share) == value


def test_memory_grows_from_what_was_held_after_the_first_thousand():
    memory = Memory(items=[0, 500, 1_000, 2_000], api_mb=[50, 90, 100, 110], worker_mb=[1, 1, 2, 1])

    assert memory.growth(memory.api_mb) == pytest.approx(1.1)
    assert memory.growth(memory.worker_mb) == 1


def test_the_table_compares_images_a_second_round_by_round():
    def run(rate, held=300):
        return Run(rate, 40, 8, 150, held)

    found = Found("GridFS", {OURS: [run(30), run(20)], THEIRS: [run(10), run(20)], CODEC: [run(60), run(40)]})

    _, _, theirs, codec, memory = found.table().splitlines()

    assert "2.00 [1.00..3.00]" in theirs
    assert theirs.endswith(pipelines.SPEED.verdict(2))
    assert "0.50 [0.50..0.50]" in codec
    assert codec.endswith("missed")
    assert memory.endswith("short of the aim")
