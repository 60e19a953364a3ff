from __future__ import annotations

import asyncio
import os
import sys

from benchmarks import families

PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
CHILD = "held = bytearray(b'x' * 50_000_000); print('ready', flush=True); input()"


async def started():
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, CHILD),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )


async def test_a_family_is_a_process_and_all_that_it_has_started():
    parent = await started()
    await parent.stdout.readline()

    pids = families.members(parent.pid)

    assert len(pids) == 2
    assert pids[0] == parent.pid
    assert set(pids) < set(families.members(os.getpid()))
    await parent.communicate(b"\n")


async def test_what_children_hold_and_use_is_the_familys():
    parent = await started()
    await parent.stdout.readline()

    async with families.watched(parent.pid) as held:
        used_ms = families.cpu_ms(parent.pid)

    assert 50 < held.peak_mb <= held.sum_of_peaks_mb
    assert used_ms > 0
    await parent.communicate(b"\n")


async def test_a_family_that_has_ended_holds_nothing():
    parent = await started()
    await parent.stdout.readline()
    await parent.communicate(b"\n")

    assert families.held_mb(parent.pid) == families.cpu_ms(parent.pid) == 0
