"""Files on their way, and what may answer in the place of a service."""

from __future__ import annotations

import os

import pytest

from client import Darkroom, RefusedError, UnreachableError
from client.generated import ResultFormat
from tests.processing.fetch.origin import Origin, ok

pytestmark = pytest.mark.mongo


async def test_whoever_sends_a_file_is_told_how_far_it_is_and_whether_it_was_there(darkroom, photo):
    file, counted = photo(), []

    first = await darkroom.take_in(file, passed=counted.append)
    again = await darkroom.take_in(file)

    assert (first.duplicate, again.duplicate, first.image.id) == (False, True, again.image.id)
    assert counted[0] == 0
    assert counted[-1] == file.stat().st_size


async def test_a_file_may_have_any_name(darkroom, photo, tmp_path):
    odd = os.fsdecode(os.path.join(os.fsencode(tmp_path), b'a\r\nX: \xff".jpg'))  # noqa: PTH118 - it is no text
    file = photo().rename(odd)

    image = await darkroom.upload(file)

    assert image.filename == 'a__X: _".jpg'


async def test_a_service_describes_itself_to_whom_it_knows(darkroom, service):
    described = await darkroom.describe()

    assert "image/jpeg" in described.input_media_types
    async with Darkroom(service.url) as nobody:
        with pytest.raises(RefusedError) as refusal:
            await nobody.describe()
    assert refusal.value.code == "UNAUTHENTICATED"


@pytest.mark.parametrize("page", [b"<html>not found</html>", b"[]", b'{"detail": "not found"}', b"\xff"])
async def test_what_answers_and_is_no_service_is_said_to_be_none(page):
    async with Origin().listening() as server:
        server.answers["/graphql"] = ok(page)
        async with Darkroom(f"http://127.0.0.1:{server.port}", "a token") as darkroom:
            with pytest.raises(UnreachableError, match="no Darkroom"):
                await darkroom.describe()


async def test_results_of_no_batch_are_refused(darkroom):
    with pytest.raises(RefusedError, match="no such batch"):
        await darkroom.batch_result("QmF0Y2g6NjY4", ResultFormat.JSONL)
