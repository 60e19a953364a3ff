import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import spool
from engine.spool import Spool


async def filled(*pieces: bytes) -> Spool:
    kept = Spool()
    for piece in pieces:
        await kept.write(piece)
    await kept.finish()
    return kept


async def content(kept: Spool) -> bytes:
    return b"".join([piece async for piece in kept.pieces()])


@pytest.mark.parametrize(
    "size_bytes", [0, 1, spool.MEMORY_BYTES, spool.MEMORY_BYTES + 1, 3 * spool.MEMORY_BYTES + 7]
)
async def test_every_reader_gets_all_that_was_written(size_bytes):
    written = bytes(range(256)) * (size_bytes // 256 + 1)
    kept = await filled(written[:size_bytes])
    assert [await content(kept), await content(kept)] == [written[:size_bytes]] * 2
    kept.close()


async def test_little_stays_in_memory_and_much_goes_to_a_file():
    little, much = await filled(bytes(spool.MEMORY_BYTES)), await filled(bytes(spool.MEMORY_BYTES), b"x")
    assert little._file is None
    assert len(much._held) == 0
    much.close()
    assert much._file.closed


@given(st.lists(st.binary(max_size=200_000), max_size=12))
async def test_any_sequence_of_writes_is_read_back(pieces):
    kept = await filled(*pieces)
    assert await content(kept) == b"".join(pieces)
    kept.close()
