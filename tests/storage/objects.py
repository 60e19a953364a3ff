"""Objects as tests put them into storage and read them back."""

from __future__ import annotations


async def pieces(*parts):
    for part in parts:
        yield part


async def read(storage, key, **part):
    return b"".join([piece async for piece in storage.get(key, **part)])
