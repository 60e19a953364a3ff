"""Processes that need not import what all of them import: they are forked from one that has done so.

An API process is at work for two seconds before it listens, and most of that is Python reading modules. A run of the
tests starts hundreds.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from unittest import mock

IMPORTED = ["app", "cli", "tests.warm"]
LOOK_SECONDS = 0.02
ROOT = Path(__file__).parent.parent

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(IMPORTED)
_one_at_a_time = threading.Lock()
"""The exit status of a process can be read once, and is looked for by whoever starts the next."""


class Forked:
    """`python -m PROGRAM …` in `folder`, writing to `log`, with the interface of `subprocess.Popen`."""

    def __init__(self, command: list[str], environment: Mapping[str, str], folder: Path, log: Path) -> None:
        self.args = command
        self._process = _context.Process(
            target=_become, args=(command, dict(environment), str(folder), str(log)), daemon=True
        )
        with _one_at_a_time, mock.patch.dict(os.environ, PYTHONPATH=str(ROOT)):
            self._process.start()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid or 0

    @property
    def returncode(self) -> int | None:
        """None while it runs; the negative number of a signal that has ended it."""
        return self.poll()

    def poll(self) -> int | None:
        """The same."""
        with _one_at_a_time:
            return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Waits for its end.

        Raises:
            subprocess.TimeoutExpired: It has not ended by then.
        """
        end = time.monotonic() + (timeout or float("inf"))
        while (status := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            time.sleep(LOOK_SECONDS)
        return status

    def send_signal(self, number: signal.Signals) -> None:
        """Sends it a signal, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Asks it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it."""
        self.send_signal(signal.SIGKILL)


def _become(command: list[str], environment: dict[str, str], folder: str, log: str) -> None:
    """What the child runs."""
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    warnings.simplefilter("default")
    sys.argv = command
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)
