"""One embedded `mongod` for a whole pytest run, shared by all xdist workers. `conftest.py` calls these two."""

from __future__ import annotations

import asyncio
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

import embedded
from errors import ConfigurationError

VARIABLE = "DARKROOM_TEST_MONGODB_URI"
"""Where the tests find their MongoDB. Set beforehand, none is started and that one is used."""

STARTED = pytest.StashKey[ExitStack]()


def start_for_session(config: pytest.Config) -> None:
    """Start it in the process that starts the workers, which inherit the address; call from `pytest_configure`."""
    if VARIABLE in os.environ or hasattr(config, "workerinput"):
        return
    with ExitStack() as stack:
        data_dir = stack.enter_context(tempfile.TemporaryDirectory(prefix="darkroom-tests-"))
        runner = stack.enter_context(asyncio.Runner(loop_factory=asyncio.new_event_loop))
        server = embedded.mongod(Path(data_dir))
        try:
            os.environ[VARIABLE] = runner.run(server.__aenter__()).uri
        except ConfigurationError as error:
            raise pytest.UsageError(str(error)) from error
        stack.callback(lambda: runner.run(server.__aexit__(None, None, None)))
        stack.callback(os.environ.pop, VARIABLE)
        config.stash[STARTED] = stack.pop_all()


def stop(config: pytest.Config) -> None:
    """End what `start_for_session` started and remove its data; call from `pytest_unconfigure`."""
    if STARTED in config.stash:
        config.stash[STARTED].close()
