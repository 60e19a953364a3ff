"""What passes is held to what was said of it."""

from __future__ import annotations

import hashlib

import pytest

from errors import CorruptImageError
from processing.inspection import Declared, Inspection
from processing.probe import Limits
from tests import pictures

PICTURE = pictures.jpeg()
SUM = hashlib.sha256(PICTURE).hexdigest()


class NoQuota:
    async def expect(self, size_bytes):
        pass


async def inspected(declared):
    async def pieces():
        yield PICTURE

    inspection = Inspection(10**6, Limits(10**6, 1), NoQuota(), declared=declared)
    return b"".join([piece async for piece in inspection.passing(pieces())])


@pytest.mark.parametrize("declared", [None, Declared(len(PICTURE), None), Declared(len(PICTURE), SUM)])
async def test_what_is_as_it_was_declared_passes(declared):
    assert await inspected(declared) == PICTURE


@pytest.mark.parametrize("size_bytes", [len(PICTURE) - 1, len(PICTURE) + 1])
async def test_m18_another_number_of_bytes_than_was_declared_is_refused(size_bytes):
    with pytest.raises(CorruptImageError, match="declared"):
        await inspected(Declared(size_bytes, SUM))


async def test_m18_bytes_of_another_sum_than_was_declared_are_refused():
    with pytest.raises(CorruptImageError, match="SHA-256"):
        await inspected(Declared(len(PICTURE), SUM[::-1]))
