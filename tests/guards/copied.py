"""Copies of the tree, in each of which guards are taken out, one at a time, while tests are run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path
from queue import SimpleQueue
from typing import Self
from xml.etree import ElementTree as ET

from tests.guards.base import Guard
from tests.service import ROOT

BROKEN = (
    "NameError",
    "ImportError",
    "ModuleNotFoundError",
    "SyntaxError",
    "AttributeError",
    "TypeError",
    "fixture",
)
"""How what pytest says of a failure begins when nothing was tried, as the code no longer holds together."""

NOT_READY = "the service is not ready"
WITHIN_SECONDS = 900
"""The tests of a guard. All of them have as long as they take: each has its own end."""


@dataclass(frozen=True)
class Run:
    """What became of some tests: how many ran, what the first failure said, and what was no failure of a test."""

    tests: int
    failure: str
    fault: str
    seconds: float

    @property
    def is_green(self) -> bool:
        """Whether some ran, and all passed."""
        return bool(self.tests) and not self.failure and not self.fault

    @property
    def is_red(self) -> bool:
        """Whether a test failed by what it saw."""
        return bool(self.failure) and not self.failure.startswith(BROKEN) and NOT_READY not in self.failure


class Copy:
    """The files that git knows, as they are now, in another folder."""

    def __init__(self, folder: Path) -> None:
        self.tree = folder / "tree"
        self._folder = folder

    @classmethod
    @contextmanager
    def made(cls) -> Iterator[Self]:
        """One for the length of the block."""
        with tempfile.TemporaryDirectory(prefix="darkroom-guards-") as folder:
            copy = cls(Path(folder))
            listed = subprocess.run(
                [shutil.which("git") or "git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True
            )
            for name in listed.stdout.decode().split("\0"):
                if (ROOT / name).is_file():
                    (copy.tree / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(ROOT / name, copy.tree / name)
            yield copy

    @contextmanager
    def without(self, guard: Guard) -> Iterator[None]:
        """The guard is not there in the block."""
        whole = (self.tree / guard.file).read_text()
        self._write(guard.file, whole.replace(guard.text, guard.without))
        try:
            yield
        finally:
            self._write(guard.file, whole)

    def tried(self, guard: Guard) -> Run:
        """What becomes of a guard's tests without it."""
        if (self.tree / guard.file).read_text().count(guard.text) != 1:
            return Run(0, "", "it no longer stands where it says", 0)
        with self.without(guard):
            return self.run(*guard.tests, within_seconds=WITHIN_SECONDS)

    def run(self, *tests: str, at_once: int = 0, within_seconds: float | None = None) -> Run:
        """Runs them, to the first that fails; `at_once` that many, or in one process."""
        report, began = self._folder / "report.xml", time.monotonic()
        report.unlink(missing_ok=True)
        command = [
            sys.executable, "-m", "pytest", "-q", "-x", "-n", f"{at_once}", "-m", "not long", "-p", "no:cacheprovider",
            f"--basetemp={self._folder / 'kept'}", f"--junitxml={report}", *tests,
        ]  # fmt: skip
        try:
            ended = subprocess.run(
                command,
                cwd=self.tree,
                env={**os.environ, "PYTHONPATH": str(self.tree)},
                check=False,
                capture_output=True,
                text=True,
                timeout=within_seconds,
            )
        except subprocess.TimeoutExpired:
            return Run(0, "", f"nothing came of it within {within_seconds} s", time.monotonic() - began)
        seconds = time.monotonic() - began
        if not report.exists():
            return Run(0, "", (ended.stdout + ended.stderr).strip()[-500:], seconds)
        return _read(report, seconds)

    def _write(self, name: str, text: str) -> None:
        """Also forgets what Python has compiled: it looks at nothing but the second and the size."""
        path = self.tree / name
        path.write_text(text)
        Path(cache_from_source(str(path))).unlink(missing_ok=True)


class Copies:
    """Some that are used at the same time, each by one at a time."""

    def __init__(self, copies: Iterable[Copy]) -> None:
        self._free: SimpleQueue[Copy] = SimpleQueue()
        for copy in copies:
            self._free.put(copy)

    @classmethod
    @contextmanager
    def made(cls, count: int) -> Iterator[Self]:
        """So many, for the length of the block."""
        with ExitStack() as stack:
            yield cls([stack.enter_context(Copy.made()) for _ in range(count)])

    @contextmanager
    def one(self) -> Iterator[Copy]:
        """One that nobody uses; waits until there is one."""
        copy = self._free.get()
        try:
            yield copy
        finally:
            self._free.put(copy)

    def tried(self, guard: Guard) -> Run:
        """As a copy's own, in whichever is free."""
        with self.one() as copy:
            return copy.tried(guard)


def _read(report: Path, seconds: float) -> Run:
    cases = list(ET.parse(report).getroot().iter("testcase"))  # noqa: S314 - pytest wrote it
    skipped = sum(1 for case in cases for _ in case.iter("skipped"))
    return Run(len(cases) - skipped, *(_first(cases, kind) for kind in ("failure", "error")), seconds)


def _first(cases: list[ET.Element], kind: str) -> str:
    """What the first of this kind says, if there is one."""
    return next((found.get("message", "") for case in cases for found in case.iter(kind)), "")
