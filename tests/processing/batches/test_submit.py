"""A manifest and its batch are both kept, or neither."""

from __future__ import annotations

import asyncio
import hashlib
import tracemalloc

import pytest

from errors import (
    FileTooLargeError,
    InvalidManifestError,
    OutcomeUnknownError,
    QuotaExceededError,
    UnauthenticatedError,
    UnsupportedFormatError,
)
from models import transactions
from models.batch import Batch, BatchState
from models.batch_problems import BatchProblems
from models.tally import Tally
from models.values import Compression, MetadataPolicy
from models.work import Topic
from processing import quota
from processing.batches.expand import EXPAND
from processing.batches.passing import Passing
from processing.batches.submit import Submission, Submissions, Terms
from processing.ingest import unasked
from processing.manifest import Limits, OnInvalidRow
from processing.queue.memory import MemoryQueue
from storage import keys
from storage.memory import MemoryStorage
from tests.storage.objects import pieces, read

pytestmark = pytest.mark.mongo
HEADER = b"S. No.,Product Name,Input Image Urls\r\n"
GOOD = HEADER + b"1,Lamp,http://a.example/1.jpg\r\n"
SKIPPED = GOOD + b"2,,x\r\n"
TERMS = Terms(Compression(), OnInvalidRow.REJECT_FILE, MetadataPolicy.STRIP_ALL, None)
SKIP = Terms(Compression(), OnInvalidRow.SKIP_ROWS, MetadataPolicy.KEEP, None)


@pytest.fixture
def storage(database):
    return MemoryStorage()


@pytest.fixture
def queue():
    return MemoryQueue()


class Unkept:
    """A keeper whose transaction fails."""

    def __init__(self, error):
        self._error = error

    async def keep(self, checksum_sha256, answer, transaction):
        raise self._error


async def submit(storage, queue, owner_id, *parts, terms=TERMS, confirm=unasked, keeper=None, **limits):
    submissions = Submissions(storage, queue, Limits(**limits), quota.limited_to(None))
    submission = Submission(owner_id, "x/goods.csv", pieces(*parts), terms, confirm)
    return await submissions.take_in(submission, keeper)


async def kept(storage):
    return [stored.key async for stored in storage.list("")]


async def test_a_batch_begins_with_its_manifest_and_its_work(storage, queue, owner_id):
    batch = await submit(storage, queue, owner_id, GOOD[:50], GOOD[50:])

    found = await Batch.get(batch.id)
    assert (found.state, found.counts.total, found.counts.pending) == (BatchState.QUEUED, 1, 1)
    assert (found.manifest_name, found.metadata_policy) == ("goods.csv", MetadataPolicy.STRIP_ALL)
    assert found.manifest.key == keys.manifest(str(owner_id), str(batch.id))
    assert await read(storage, found.manifest.key) == GOOD
    work = (await queue.consume(Topic.UPLOADS, 1))[0].item
    assert (work.kind, work.subject_id, work.owner_id) == (EXPAND, batch.id, owner_id)


async def test_what_was_wrong_is_kept_beside_it(storage, queue, owner_id):
    batch = await submit(storage, queue, owner_id, SKIPPED, terms=SKIP)

    problems = (await BatchProblems.of_batches([batch.id]))[batch.id]
    assert [(problem.line, problem.code) for problem in problems] == [(3, "MISSING_VALUE"), (3, "NOT_A_URL")]
    assert batch.problem_count == 2
    assert batch.skips_invalid_rows


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (SKIPPED, InvalidManifestError),
        (b"", InvalidManifestError),
        (b"PK\x03\x04", UnsupportedFormatError),
        (GOOD * 2, InvalidManifestError),
        (GOOD + b"2,B,http://a.example/2.jpg\r\n" * 50, FileTooLargeError),
    ],
)
@pytest.mark.parametrize("cut", [1, 10_000])
async def test_nothing_is_kept_of_what_is_refused(storage, queue, owner_id, content, refusal, cut):
    parts = [content[at : at + cut] for at in range(0, len(content), cut)]

    with pytest.raises(refusal):
        await submit(storage, queue, owner_id, *parts, max_bytes=500)

    assert await kept(storage) == []
    assert await Batch.find({"owner_id": owner_id}).count() == 0


async def signed_out():
    raise UnauthenticatedError


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ({"confirm": signed_out}, UnauthenticatedError),
        ({"keeper": Unkept(RuntimeError("no"))}, RuntimeError),
    ],
)
async def test_nothing_is_kept_of_what_fails_behind_the_manifest(storage, queue, owner_id, how, error):
    with pytest.raises(error):
        await submit(storage, queue, owner_id, GOOD, **how)

    assert await kept(storage) == []
    assert await Batch.find({"owner_id": owner_id}).count() == 0


async def test_the_manifest_stays_when_nobody_knows_what_became_of_the_batch(storage, queue, owner_id):
    with pytest.raises(OutcomeUnknownError):
        await submit(storage, queue, owner_id, GOOD, keeper=Unkept(OutcomeUnknownError()))

    assert len(await kept(storage)) == 1


async def test_a_client_that_leaves_ends_it(storage, queue, owner_id):
    async def leaving():
        yield GOOD
        raise ConnectionError("gone")

    submissions = Submissions(storage, queue, Limits(), quota.limited_to(None))
    with pytest.raises(ConnectionError):
        await submissions.take_in(Submission(owner_id, "a.csv", leaving(), TERMS, unasked))

    assert await kept(storage) == []
    assert [task for task in asyncio.all_tasks() if "Passing" in repr(task)] == []


async def test_a_full_quota_reads_nothing(storage, queue, owner_id):
    line = Tally(owner_id=owner_id, image_count=1, stored_bytes=1_000)
    await transactions.run(lambda transaction: Tally.add([line], transaction))
    submissions = Submissions(storage, queue, Limits(), quota.limited_to(1_000))

    async def unread():
        raise AssertionError("read")
        yield b""

    with pytest.raises(QuotaExceededError):
        await submissions.take_in(Submission(owner_id, "a.csv", unread(), TERMS, unasked))


async def test_the_checksum_is_that_of_the_manifest(storage, queue, owner_id):
    seen = []

    class Keeping:
        async def keep(self, checksum_sha256, answer, transaction):
            seen.append(checksum_sha256)

    await submit(storage, queue, owner_id, GOOD[:7], GOOD[7:], keeper=Keeping())

    assert seen == [hashlib.sha256(GOOD).hexdigest()]


async def test_memory_does_not_grow_with_the_manifest():
    """Not even if no row of it is any good."""

    async def endless(count):
        yield HEADER
        for _ in range(count):
            yield b"1,,%b\r\n" % (b"x" * 500) * 1_000

    peaks = []
    for count in (8, 24):
        passing = Passing(Limits())
        tracemalloc.start()
        async for _ in passing.pieces(endless(count)):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert passing.reading.row_count == 24_000
    assert peaks[1] < 1.2 * peaks[0]
