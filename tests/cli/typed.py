"""A command as somebody types it who has an account at a service."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from asyncio.subprocess import Process
from pathlib import Path

from tests.client import PASSWORD, Person
from tests.service import ROOT

ENDS_WITHIN_SECONDS = 60


async def started(person: Person, folder: Path, *words: object, **environment: str) -> Process:
    """`darkroom WORDS` in the folder."""
    given = {"DARKROOM_URL": person.url, "DARKROOM_EMAIL": person.email, "DARKROOM_PASSWORD": PASSWORD}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cli", *map(str, words),
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": "200", **given, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip


async def said(process: Process) -> tuple[int | None, str, str]:
    """Its exit status, and what it says, on both streams."""
    out, err = await asyncio.wait_for(process.communicate(), ENDS_WITHIN_SECONDS)
    return process.returncode, out.decode(), err.decode()
