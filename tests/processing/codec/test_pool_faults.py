import asyncio
import os
import signal

import pytest
from structlog.testing import capture_logs

from processing.codec.nursery import _is_quiet
from processing.codec.pool import Bounds
from tests.processing.codec.pools import (
    children,
    compressed,
    failure,
    family,
    is_running,
    neighbour,
    open_files,
    pool_of,
    resident_bytes,
    until,
)

CRASHES = ("segv", "abort", "leave", "stumble", "hog_as_c_does")


@pytest.fixture(scope="module")
async def pool():
    async with pool_of(2, cpu_seconds=0.3, wall_seconds=60) as running:
        yield running


@pytest.fixture(scope="module")
async def impatient():
    async with pool_of(2, wall_seconds=3) as running:
        await family(running)
        yield running


@pytest.mark.parametrize("fault", CRASHES)
async def test_x7_a_crash_fails_its_image_and_no_other(pool, fault, tmp_path):
    async with neighbour(pool, tmp_path):
        failed = await failure(pool, fault.encode())

        assert (failed.code, failed.retryable) == ("COMPRESSION_CRASHED", False)
        assert await compressed(pool, b"next") == b"ne"


async def test_an_endless_loop_ends_with_its_processor_time(pool, tmp_path):
    async with neighbour(pool, tmp_path):
        failed = await failure(pool, b"loop")

        assert (failed.code, failed.retryable) == ("COMPRESSION_TIMED_OUT", False)
        assert await compressed(pool, b"next") == b"ne"


async def test_processor_time_is_given_to_each_image_anew(pool):
    async with pool_of(1, cpu_seconds=0.3) as single:
        first = await family(single)
        for _ in range(6):
            assert await failure(single, b"toil") is None

        assert await family(single) == first


async def test_large_pictures_have_more_time():
    bounds = Bounds()

    assert bounds.cpu(0) < bounds.cpu(1_000_000) < bounds.cpu(50_000_000) < bounds.wall(50_000_000)


async def test_what_hangs_is_killed(impatient):
    _, mother = await family(impatient)
    hanging = asyncio.create_task(failure(impatient, b"hang"))
    beside = [await compressed(impatient, b"next") for _ in range(20)]
    both = set(children(mother))

    failed = await hanging

    assert beside == [b"ne"] * 20
    assert (failed.code, failed.retryable) == ("COMPRESSION_TIMED_OUT", True)
    await until(lambda: len(both & set(children(mother))) == 1)
    assert await compressed(impatient, b"next") == b"ne"


async def test_x10_gigabytes_are_refused_and_the_process_lives(pool, tmp_path):
    async with neighbour(pool, tmp_path):
        before = await family(pool)

        failed = await failure(pool, b"hog")

        assert (failed.code, failed.retryable) == ("IMAGE_TOO_LARGE_TO_COMPRESS", False)
        assert await family(pool) == before


async def test_a_process_that_gives_up_is_not_given_another_image_while_it_is_dying(pool, tmp_path):
    async with neighbour(pool, tmp_path):
        failed = await failure(pool, b"give_up")

        assert (failed.code, failed.message) == ("NOT_DECODABLE", "It gave up.")
        assert await compressed(pool, b"next") == b"ne"
    _, mother = await family(pool)
    await until(lambda: len(children(mother)) <= 2)


async def test_fifty_crashes_in_a_row_leave_nothing_behind(pool, tmp_path):
    _, mother = await family(pool)
    files = open_files()

    async with neighbour(pool, tmp_path):
        codes = {(await failure(pool, b"segv")).code for _ in range(50)}
        assert await compressed(pool, b"next") == b"ne"

    assert codes == {"COMPRESSION_CRASHED"}
    await until(lambda: len(children(mother)) == 2)
    assert open_files() <= files + 1  # the line of one more child


async def test_a_process_that_dies_between_images_fails_none(pool):
    async with pool_of(1) as single:
        child, _ = await family(single)
        os.kill(child, signal.SIGKILL)
        await until(lambda: not _is_quiet(single._nursery._resting[0]))

        assert await compressed(single, b"next") == b"ne"


async def test_an_image_whose_process_somebody_kills_may_be_tried_again(pool, tmp_path):
    async with pool_of(1) as single:
        child, _ = await family(single)
        failing = asyncio.create_task(failure(single, f"wait {tmp_path / 'file'}".encode()))
        await until((tmp_path / "file").exists)
        os.kill(child, signal.SIGKILL)

        assert (await failing).code == "COMPRESSION_INTERRUPTED"
        assert (await failing).retryable


async def test_the_mothers_death_fails_what_was_in_hand_and_nothing_after_that(tmp_path):
    async with pool_of(2) as pool:
        child, mother = await family(pool)
        failing = asyncio.create_task(failure(pool, f"wait {tmp_path / 'file'}".encode()))
        await until((tmp_path / "file").exists)

        os.kill(mother, signal.SIGKILL)

        assert (await failing).code == "COMPRESSION_INTERRUPTED"
        await until(lambda: not is_running(child))
        assert await compressed(pool, b"next") == b"ne"
        assert (await family(pool))[1] != mother


async def test_the_mothers_death_between_images_fails_none():
    async with pool_of(2) as pool:
        child, mother = await family(pool)
        os.kill(mother, signal.SIGKILL)
        await until(lambda: not is_running(child))

        assert await asyncio.gather(*(compressed(pool, b"next") for _ in range(10))) == [b"ne"] * 10


async def test_whoever_no_longer_waits_for_an_image_has_its_process_killed(pool, tmp_path):
    async with pool_of(1) as single:
        child, _ = await family(single)
        waiting = asyncio.create_task(compressed(single, f"wait {tmp_path / 'file'}".encode()))
        await until((tmp_path / "file").exists)

        waiting.cancel()

        await until(lambda: not is_running(child))
        assert await compressed(single, b"next") == b"ne"


async def test_a_codec_that_cannot_be_imported_fails_images_for_now():
    async with pool_of(1) as pool:
        pool._nursery._module = "tests.processing.codec.is_not_there"

        failed = await failure(pool, b"image")

        assert failed.retryable


async def test_the_log_says_what_images_go_through():
    with capture_logs() as logged:
        async with pool_of(1) as pool:
            await compressed(pool, b"image")

    assert {"event": "codec ready", "libraries": "nothing at all", "log_level": "debug"} in logged


async def test_memory_is_the_same_after_hundreds_of_images(pool):
    async with pool_of(1) as single:
        image = b"keep" + os.urandom(1_000_000)
        for _ in range(50):
            await compressed(single, image)
        child, mother = await family(single)
        before = [resident_bytes(pid) for pid in (child, mother, os.getpid())]
        files = open_files()

        for _ in range(400):
            await compressed(single, image)

        after = [resident_bytes(pid) for pid in (child, mother, os.getpid())]
        assert await family(single) == [child, mother]
        assert all(now < then + 4_000_000 for then, now in zip(before, after, strict=True))
        assert open_files() == files
