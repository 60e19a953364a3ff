"""Darkroom as it is, but names are looked up in a table, and one port more is one of the web's: a test's own server's.

`python -m tests.hostile.ssrf.named`. The guard is untouched: without it, everything here would be reached.
"""

from __future__ import annotations

import json
import os

from processing import fetch
from processing.fetch.target import PORTS
from tests import thrifty

TABLE, PORT = "TEST_NAMES", "TEST_WEB_PORT"


class Names:
    """Answers each name as the table says, one answer after the other; the last one stays."""

    def __init__(self) -> None:
        self._answers: dict[str, list[list[str]]] = json.loads(os.environ[TABLE])

    async def __call__(self, host: str) -> list[str]:
        answers = self._answers.get(host)
        if not answers:
            raise OSError("no such name")
        return answers.pop(0) if len(answers) > 1 else answers[0]


if __name__ == "__main__":
    PORTS["test"] = int(os.environ[PORT])
    fetch.SystemResolver = Names
    thrifty.main()
