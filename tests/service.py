"""Darkroom's own processes, which run what `python -m cli …` does, as `tests.thrifty` or as it is."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

from embedded import free_port
from tests.forked import ROOT, Forked

READY_WITHIN_SECONDS = 60
END_WITHIN_SECONDS = 30


class Service:
    """An API process and a worker process. `settings` are environment variables over a clean environment."""

    program = "tests.thrifty"

    def __init__(self, folder: Path, *, workers: int = 1, **settings: str) -> None:
        self._folder = folder
        self._workers = workers
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "default",
            "PORT": str(self.port),
            "DATA_DIR": str(folder),
            **settings,
        }
        self.processes: dict[str, Forked] = {}

    def __enter__(self) -> Self:
        self.start("serve")
        self._wait_until_ready("serve", self.url)
        for number in range(self._workers):
            self.start("worker", f"worker-{number}")
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            _end(process)

    @property
    def secret(self) -> str:
        """What signs its tokens and addresses."""
        return (self._folder / "jwt_secret").read_text().strip()

    def serve_also(self, name: str) -> str:
        """One more API process on the same database: its address."""
        port = free_port()
        self.start("serve", name, PORT=str(port))
        url = f"http://127.0.0.1:{port}"
        self._wait_until_ready(name, url)
        return url

    def start(self, command: str, name: str = "", **settings: str) -> Forked:
        """Starts `darkroom COMMAND` with more settings; what it writes goes to `log(name)`."""
        name = name or command
        self.processes[name] = Forked(
            [self.program, command], {**self.environment, **settings}, self._folder, self._log_file(name)
        )
        return self.processes[name]

    def log(self, name: str = "serve") -> str:
        """What the process has written."""
        return self._log_file(name).read_text()

    def _log_file(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def _wait_until_ready(self, name: str, url: str) -> None:
        end = time.monotonic() + READY_WITHIN_SECONDS
        while time.monotonic() < end and self.processes[name].poll() is None:
            try:
                with urllib.request.urlopen(f"{url}/readyz", timeout=5):  # noqa: S310 - our own address
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.05)
        raise AssertionError(f"the service is not ready:\n{self.log(name)}")


class Unaltered(Service):
    """Its passwords cost what they cost."""

    program = "cli"


def _end(process: Forked) -> None:
    try:
        process.wait(END_WITHIN_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
