"""A folder that an adapter keeps objects in."""

from __future__ import annotations

import pytest

from storage.filesystem import FilesystemStorage


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data" / "files"


@pytest.fixture
async def storage(folder):
    adapter = FilesystemStorage(folder)
    await adapter.prepare()
    return adapter
