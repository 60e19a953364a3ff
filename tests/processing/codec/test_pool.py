import asyncio
import os
import struct

import pytest

from processing.codec.base import CompressionError
from tests.processing.codec.pools import LIMITS, WISH, children, compressed, failure, family, pool_of, until


def wide_jpeg(asked):
    """The header of a progressive JPEG of 8,000 x 6,250 pixels, and what is asked of the codec."""
    return (
        b"\xff\xd8\xff\xc2"
        + struct.pack(">HBHHB", 17, 8, 6_250, 8_000, 3)
        + bytes(9)
        + b"\n"
        + asked.encode()
    )


@pytest.fixture(scope="module")
async def pool():
    async with pool_of(2) as running:
        yield running


async def test_a_process_is_given_image_wish_and_limits_and_its_answer_is_read_in_place(pool):
    async with pool.slot() as slot:
        slot.write(b"front")
        slot.write(bytearray(b"back!"))
        before = bytes(slot.content)
        made = await slot.compress(WISH)

        assert before == bytes(slot.content) == b"frontback!"
        assert made.content == b"front"
        assert made.media_type == "image/KEEP"
        assert (made.width_px, made.height_px) == (LIMITS.max_pixels, 41)
        assert not made.kept_original


async def test_an_image_of_megabytes_goes_there_and_back_unchanged(pool):
    image = b"keep " + os.urandom(5_000_000)

    async with pool.slot() as slot:
        slot.write(memoryview(image)[:3_000_000])
        slot.write(memoryview(image)[3_000_000:])
        made = await slot.compress(WISH)

        assert made.kept_original
        assert made.content == image == slot.content


async def test_what_was_read_from_a_slot_stays_what_it_was(pool):
    async with pool.slot() as slot:
        slot.write(b"keep this")
        content, made = slot.content, await slot.compress(WISH)

    await asyncio.gather(*(compressed(pool, b"x" * 100_000) for _ in range(20)))

    assert content == made.content == b"keep this"


async def test_nothing_at_all_is_an_image_too(pool):
    assert await compressed(pool, b"") == b""


async def test_a_slot_can_be_compressed_again(pool):
    async with pool.slot() as slot:
        slot.write(b"keep")

        first = await slot.compress(WISH)
        again = await slot.compress(WISH)

        assert first.content == again.content == b"keep"


async def test_a_refusal_is_told_as_the_codec_told_it_and_costs_no_process(pool):
    before = await family(pool)

    refused = await failure(pool, b"refuse")

    assert (refused.code, refused.message, refused.retryable) == ("NOT_DECODABLE", "It is damaged.", False)
    assert await family(pool) == before


async def test_there_are_never_more_processes_than_wanted(pool):
    _, mother = await family(pool)

    await asyncio.gather(*(compressed(pool, b"x" * 1000) for _ in range(100)))

    assert len(children(mother)) == 2


async def test_an_image_cannot_be_changed_by_the_process_that_reads_it(pool):
    async with pool.slot() as slot:
        slot.write(b"scribble and more")

        await slot.compress(WISH)

        assert slot.content == b"scribble and more"


async def test_nothing_is_written_to_an_image_that_a_process_may_have_seen(pool):
    async with pool.slot() as slot:
        slot.write(b"keep")
        await slot.compress(WISH)

        with pytest.raises(PermissionError):
            slot.write(b"more")


async def test_a_process_has_no_file_of_the_worker_but_its_image(pool, tmp_path):
    with (tmp_path / "secret").open("w"):
        files = (await compressed(pool, b"files")).decode().split()

    ours = [name for name in files if "secret" in name or "eventpoll" in name]
    assert not ours
    assert len([name for name in files if name.startswith("socket:")]) <= 3  # its line, and a shell's output


async def test_a_process_knows_no_setting_of_the_worker(pool, monkeypatch):
    assert not {"MONGODB_URI", "SECRET_KEY", "HOME"} & set(
        (await compressed(pool, b"environment")).decode().split()
    )


async def test_a_process_writes_no_core(pool):
    assert await compressed(pool, b"core") == b"(0, 0)"


async def test_slots_are_waited_for(pool):
    most = 8
    async with asyncio.timeout(20):
        holders = [pool.slot() for _ in range(most)]
        for holder in holders:
            await holder.__aenter__()
        late = asyncio.create_task(compressed(pool, b"late"))
        await asyncio.sleep(0)
        assert not late.done()
        for holder in holders:
            await holder.__aexit__(None, None, None)

    assert await late == b"la"


async def test_two_pictures_of_fifty_megapixels_are_not_in_processes_together(pool, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    tasks = [asyncio.create_task(compressed(pool, wide_jpeg(f"wait {file}"))) for file in (first, second)]
    await until(first.exists)
    assert pool._admission._waiting

    first.unlink()

    await until(second.exists)
    second.unlink()
    assert await asyncio.gather(*tasks) == [b"waited", b"waited"]


async def test_a_failure_is_an_exception_that_says_what_it_is(pool):
    with pytest.raises(CompressionError, match="It is damaged"):
        await compressed(pool, b"refuse")
