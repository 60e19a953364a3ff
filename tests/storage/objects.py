"""Objects as tests put them into storage and read them back."""

from __future__ import annotations

import hashlib

from storage.summed import Summed


async def pieces(*parts):
    for part in parts:
        yield part


def summed(*parts):
    return Summed(pieces(*parts), hashlib.sha256(b"".join(parts)).digest)


async def read(storage, key, **part):
    return b"".join([piece async for piece in storage.get(key, **part)])
