"""Bytes that trickle in are kept as if they had come at once."""

from __future__ import annotations

from storage.gathering import GATHERED_BYTES, SMALL_BYTES, gathered


async def sent(*pieces):
    for piece in pieces:
        yield piece


async def came(*pieces):
    return [piece async for piece in gathered(sent(*pieces))]


async def test_bytes_that_come_one_by_one_are_kept_in_few_pieces():
    content = bytes(n % 251 for n in range(3 * GATHERED_BYTES))

    pieces = await came(*(memoryview(content)[n : n + 1] for n in range(len(content))))

    assert b"".join(pieces) == content
    assert len(pieces) <= 6


async def test_large_pieces_go_on_as_they_are_and_in_their_order():
    large, other = b"l" * SMALL_BYTES, memoryview(b"o" * SMALL_BYTES)

    pieces = await came(b"a", b"b", large, other, b"", b"c")

    assert pieces == [b"ab", large, other, b"c"]
    assert (pieces[1] is large, pieces[2] is other) == (True, True)


async def test_of_nothing_nothing_comes():
    assert await came() == await came(b"", b"") == []
