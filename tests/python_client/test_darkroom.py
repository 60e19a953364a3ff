"""What a program does with the client, against the real service."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from client import Darkroom, RefusedError, UnreachableError
from client.generated import BatchState, GalleryChangeKind, GalleryFilter, ImageStage, ImageState
from tests.acceptance.batches import manifest
from tests.cli.forwarder import Forwarder
from tests.client import PASSWORD
from tests.processing.fetch.origin import ok
from tests.python_client.conftest import TOKEN_SECONDS

pytestmark = pytest.mark.mongo


@pytest.fixture
async def far(service, ann):
    """Ann's client on a line that can be cut: both, and what the client was told of the line."""
    told = []
    async with (
        Forwarder(service.port).listening() as line,
        Darkroom(f"http://127.0.0.1:{line.port}", tell=told.append) as client,
    ):
        await client.sign_in(ann.email, PASSWORD)
        yield client, line, told


@pytest.fixture
def goods(shop, tmp_path):
    def written(*names):
        file = tmp_path / "goods.csv"
        file.write_bytes(
            manifest(
                *(f"{row},SKU{row},http://127.0.0.1:{shop.port}/{name}" for row, name in enumerate(names, 1))
            )
        )
        return file

    return written


async def test_a_picture_is_uploaded_and_watched_to_its_end(darkroom, photo):
    image = await darkroom.upload(photo(), tags=["holiday"])

    events = [event async for event in darkroom.watch(image.id, after=0)]

    assert (image.media_type, image.tags) == ("image/jpeg", ["holiday"])
    assert [event.sequence for event in events] == [1, 2, 3, 4]
    assert events[-1].stage is ImageStage.READY
    assert events[-1].image.state is ImageState.READY
    assert events[-1].image.variants


async def test_the_gallery_is_read_to_its_end_page_by_page(darkroom, photo, monkeypatch):
    monkeypatch.setattr("client.darkroom.PAGE", 2)
    files = [photo() for _ in range(5)]
    for number, file in enumerate(files):
        await darkroom.upload(file, tags=["odd"] if number % 2 else [])

    every = [image.filename async for image in darkroom.gallery()]
    odd = [image.filename async for image in darkroom.gallery(GalleryFilter(tags_all=["odd"]))]

    assert every == [file.name for file in reversed(files)]
    assert odd == [files[3].name, files[1].name]


async def test_a_refusal_says_what_was_refused_and_has_the_facts(darkroom, tmp_path):
    (tmp_path / "notes.txt").write_text("no picture")

    with pytest.raises(RefusedError) as refusal:
        await darkroom.upload(tmp_path / "notes.txt")

    assert refusal.value.code == "UnsupportedFormatError"
    assert refusal.value.answer.message == str(refusal.value)


async def test_a_broken_manifest_comes_back_with_its_problems(darkroom, tmp_path):
    (tmp_path / "wrong.csv").write_bytes(manifest("1,,ftp://a.test/a.jpg"))

    with pytest.raises(RefusedError) as refusal:
        await darkroom.submit(tmp_path / "wrong.csv")

    assert refusal.value.code == "InvalidManifestError"
    assert {problem.line for problem in refusal.value.answer.problems} == {2}


async def test_a_batch_is_submitted_watched_and_its_results_are_saved(darkroom, goods, tmp_path):
    batch = await darkroom.submit(goods("0.jpg", "1.jpg"))

    events = [event async for event in darkroom.watch_batch(batch.id, after=0)]

    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    ended = await darkroom.batch(batch.id)
    assert (ended.state, ended.counts.succeeded) == (BatchState.COMPLETED, 2)
    await darkroom.save(ended.result_url, tmp_path / "results.csv")
    assert (tmp_path / "results.csv").read_text().count("http") == 4


async def test_events_go_on_behind_the_last_one_when_the_line_is_cut(far, goods, shop):
    darkroom, line, told = far
    gate = asyncio.Event()

    async def slowly(writer):
        await gate.wait()
        writer.write(ok(b"never a picture"))

    shop.answers["/late.jpg"] = slowly
    batch = await darkroom.submit(goods("0.jpg", "1.jpg", "late.jpg"))
    sequences = []
    async with aclosing(darkroom.watch_batch(batch.id, after=0)) as events:
        async for event in events:
            sequences.append(event.sequence)
            if event.counts.succeeded == 2 and not gate.is_set():
                line.cut()
                gate.set()

    assert sequences == list(range(1, len(sequences) + 1))
    assert (await darkroom.batch(batch.id)).state is BatchState.COMPLETED_WITH_ERRORS
    assert any("connection was lost" in words for words in told)


async def test_an_upload_whose_answer_is_lost_happens_once(far, photo, ann, monkeypatch):
    darkroom, _, told = far
    monkeypatch.setattr("client.sending.PAUSE_SECONDS", 0.05)
    uploading = darkroom.operations.upload_image

    async def lost(*given):
        answer = await uploading(*given)
        if not told:
            raise UnreachableError("cut")
        return answer

    darkroom.operations.upload_image = lost
    await darkroom.upload(photo())

    assert told == ["no answer (cut); once more"]
    assert (await ann.data("{ gallery { totalCount } }"))["gallery"]["totalCount"] == 1


async def test_changes_of_the_gallery_are_seen_in_order(darkroom, photo):
    page = await darkroom.operations.gallery(first=1)
    uploaded = await darkroom.upload(photo())

    async with aclosing(darkroom.changes(after=page.change_cursor)) as changes:
        change = await anext(changes)

    assert (change.kind, change.image_id) == (GalleryChangeKind.ADDED, uploaded.id)


async def test_a_token_that_is_over_is_replaced_by_many_who_ask_at_once(darkroom):
    darkroom.operations.token = "over"

    pages = await asyncio.gather(*(darkroom.operations.gallery(first=1) for _ in range(5)))

    assert all(page.total_count == 0 for page in pages)
    assert darkroom.operations.token != "over"


async def test_a_subscription_outlives_its_token(darkroom, goods, shop):
    async def slowly(writer):
        await asyncio.sleep(TOKEN_SECONDS + 1)
        writer.write(ok(b"never a picture"))

    shop.answers["/late.jpg"] = slowly
    batch = await darkroom.submit(goods("0.jpg", "late.jpg"))
    before = darkroom.operations.token

    events = [event.sequence async for event in darkroom.watch_batch(batch.id, after=0)]

    assert events == list(range(1, len(events) + 1))
    assert (await darkroom.batch(batch.id)).counts.failed == 1
    assert darkroom.operations.token != before


async def test_a_token_that_cannot_be_replaced_is_said_to_be_over(service, ann, darkroom):
    async with Darkroom(service.url, "not a token") as stranger:
        with pytest.raises(RefusedError) as refusal:
            await stranger.operations.gallery()
        with pytest.raises(RefusedError, match="no longer"):
            await anext(stranger.changes())
    assert refusal.value.code == "UNAUTHENTICATED"


async def test_a_wrong_password_is_a_refusal(service, ann):
    async with Darkroom(service.url) as stranger:
        with pytest.raises(RefusedError) as refusal:
            await stranger.sign_in(ann.email, "wrong horse battery")
    assert refusal.value.code == "InvalidCredentialsError"


async def test_a_service_that_was_never_there_is_not_waited_for():
    async with Darkroom("http://127.0.0.1:9", "a token") as nobody:
        with pytest.raises(UnreachableError):
            await anext(nobody.watch_batch("QmF0Y2g6NjY4"))


async def test_what_cannot_be_downloaded_leaves_no_file(darkroom, service, tmp_path):
    with pytest.raises(UnreachableError):
        await darkroom.save(f"{service.url}/images/no/such/thing", tmp_path / "file")

    assert list(tmp_path.glob("file*")) == []
