from __future__ import annotations

import pytest

from tests.processing.codec.child import Child


@pytest.fixture(scope="session")
def child():
    """A process in which images may be deadly."""
    child = Child()
    yield child
    child.close()
