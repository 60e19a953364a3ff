"""Darkroom as it is, but it compiles what comes for the first time: `python -m tests.eager` is `darkroom`."""

from __future__ import annotations

from engine.executor import Executor
from tests import thrifty

if __name__ == "__main__":
    Executor.__init__.__kwdefaults__["compile_after"] = 0
    thrifty.main()
