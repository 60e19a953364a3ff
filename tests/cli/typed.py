"""A command as somebody types it who has an account at a service."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from asyncio.subprocess import Process
from pathlib import Path
from typing import Any

from tests.client import PASSWORD, Person
from tests.service import ROOT

ENDS_WITHIN_SECONDS = 60
STYLES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


async def started(
    person: Person, folder: Path, *words: object, out: Any = subprocess.PIPE, **environment: str
) -> Process:
    """`darkroom WORDS` in the folder; both its streams go to `out`, if that is a terminal."""
    given = {"DARKROOM_URL": person.url, "DARKROOM_EMAIL": person.email, "DARKROOM_PASSWORD": PASSWORD}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cli", *map(str, words),
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": "200", **given, **environment},
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=out,
    )  # fmt: skip


async def said(process: Process) -> tuple[int | None, str, str]:
    """Its exit status, and what it says, on both streams."""
    out, err = await asyncio.wait_for(process.communicate(), ENDS_WITHIN_SECONDS)
    return process.returncode, out.decode(), err.decode()


async def on_a_terminal(person: Person, folder: Path, *words: object, width: int) -> str:
    """What a terminal is shown until the command ends well, without colours."""
    ours, theirs = os.openpty()
    environment = {"TERM": "xterm-256color", "COLUMNS": str(width)}
    process = await started(person, folder, *words, out=theirs, **environment)
    os.close(theirs)
    shown = (await asyncio.to_thread(_read, ours)).decode()
    assert await process.wait() == 0, shown
    return STYLES.sub("", shown)


def _read(terminal: int) -> bytes:
    """What comes until the other end is closed, which Linux tells by an error."""
    pieces = []
    try:
        while piece := os.read(terminal, 2**16):
            pieces.append(piece)
    except OSError:
        pass
    os.close(terminal)
    return b"".join(pieces)
