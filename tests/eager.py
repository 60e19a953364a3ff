"""Darkroom as it is, but it compiles what comes for the first time: `python -m tests.eager` is `darkroom`."""

from __future__ import annotations

import cli
from engine.executor import Executor

if __name__ == "__main__":
    Executor.__init__.__kwdefaults__["compile_after"] = 0
    cli.main()
