import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processing.codec.pools import FAULTS, family, is_running, pool_of, until

ROOT = Path(__file__).parents[3]

CHILDREN_ONLY = {
    "PIL",
    "pyvips",
    "processing.codec.compress",
    "processing.codec.jpeg",
    "processing.codec.child",
}

WORKER = """
import asyncio, sys
from tests.processing.codec import pools


async def main():
    async with pools.pool_of(2) as pool:
        print("family", *await pools.family(pool), flush=True)
        asked = [f"wait {name}".encode() for name in sys.argv[1:]]
        await asyncio.gather(*(pools.compressed(pool, image) for image in asked))

asyncio.run(main())
"""


@pytest.fixture
def worker(tmp_path):
    """A process whose pool has an image in a child; its id, the child's and the mother's."""
    command = [sys.executable, "-c", WORKER, str(tmp_path / "waiting")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        line = next(line for line in process.stdout if line.startswith("family "))
        child, mother = map(int, line.split()[1:])
        yield process, child, mother
        process.kill()


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
async def test_no_process_outlives_the_worker(worker, tmp_path, end):
    process, child, mother = worker
    await until((tmp_path / "waiting").exists)

    process.send_signal(end)

    await until(lambda: not (is_running(child) or is_running(mother)))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_to_all_processes_leaves_it_to_the_worker_when_to_end(worker, tmp_path, number):
    process, child, mother = worker
    await until((tmp_path / "waiting").exists)

    os.kill(mother, number)
    os.kill(child, number)
    (tmp_path / "waiting").unlink()

    assert await asyncio.to_thread(process.wait, 20) == 0


async def test_closing_a_pool_ends_its_processes():
    async with pool_of(2) as pool:
        child, mother = await family(pool)

    assert not is_running(mother)
    await until(lambda: not is_running(child))


async def test_closing_a_pool_that_was_never_used_ends_nothing():
    async with pool_of(2):
        pass


def test_only_children_of_the_codec_open_what_decodes():
    script = f"import sys, app, worker, processing.codec.pool; print({CHILDREN_ONLY} & sys.modules.keys())"

    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout == "set()\n"


def test_a_child_whose_worker_has_died_leaves_quietly():
    ours, theirs = socket.socketpair()
    theirs.sendall(b"an answer that the worker did not read")
    ours.close()
    script = """import os, socket, sys
from unittest.mock import Mock
from processing.codec import child
child.live(socket.socket(fileno=int(sys.argv[1])), Mock(), os.getppid())"""

    with theirs:
        ended = subprocess.run(
            [sys.executable, "-c", script, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            cwd=ROOT,
            capture_output=True,
            check=False,
        )

    assert (ended.returncode, ended.stderr) == (0, b"")


def test_a_mother_whose_worker_has_died_before_she_was_ready_leaves_quietly():
    ours, theirs = socket.socketpair()
    ours.close()
    command = [sys.executable, "-P", "-m", "processing.codec.mother", str(theirs.fileno()), FAULTS]
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT)}

    with theirs:
        ended = subprocess.run(
            command, pass_fds=[theirs.fileno()], env=surroundings, capture_output=True, check=False
        )

    assert (ended.returncode, ended.stderr) == (0, b"")
