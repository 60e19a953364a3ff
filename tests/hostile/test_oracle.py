"""The oracle itself can fail."""

from __future__ import annotations

import os
import tempfile

import pytest

from tests.hostile import oracle
from tests.hostile.oracle import Footprint, says_nothing_of_the_inside

pytestmark = pytest.mark.mongo


async def test_a_healthy_service_passes(service, client):
    async with oracle.unharmed(service):
        assert await client.data("{ __typename }") == {"__typename": "Query"}


async def test_a_process_that_dies_does_not_pass(service, monkeypatch):
    for process in service.processes.values():
        monkeypatch.setattr(process, "poll", lambda: 1)
    with pytest.raises(AssertionError, match="has died"):
        async with oracle.unharmed(service):
            pass


async def test_slow_answers_to_others_do_not_pass(service, monkeypatch):
    monkeypatch.setattr(oracle, "HEALTHY_SECONDS", 0.0)
    with pytest.raises(AssertionError, match="took"):
        async with oracle.unharmed(service):
            pass


def test_a_file_that_is_left_open_without_a_name_does_not_fit():
    before = Footprint.of(os.getpid())
    with tempfile.TemporaryFile():
        assert not Footprint.of(os.getpid()).fits(before)
    assert Footprint.of(os.getpid()).fits(before)


@pytest.mark.parametrize(
    "body",
    [
        'File "app.py", line 3',
        "Traceback (most recent call last)",
        "<starlette.UploadFile object at 0x7f2a>",
        "mongodb://127.0.0.1:27017",
    ],
)
def test_answers_that_tell_of_the_inside_are_found(body):
    assert not says_nothing_of_the_inside(body)


def test_an_answer_that_says_what_to_do_is_fine():
    assert says_nothing_of_the_inside('{"errors": [{"message": "The file is empty. Send one with bytes."}]}')
