"""A fault happens where and when it is armed, and nowhere else."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import failpoints
from failpoints import Fault, InjectedError, failpoint

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def disarmed():
    yield
    failpoints.arm([])


def test_nothing_happens_at_a_step_that_is_not_armed():
    failpoints.arm(failpoints.parsed("ingest.stored:error"))

    failpoint("ingest.committed")


def test_an_error_happens_from_the_time_that_is_named():
    failpoints.arm(failpoints.parsed("ingest.stored:error@3"))
    failpoint("ingest.stored")
    failpoint("ingest.stored")

    for _ in range(2):
        with pytest.raises(InjectedError):
            failpoint("ingest.stored")


def test_a_kill_leaves_no_time_for_anything():
    program = (
        "import failpoints; failpoints.arm(failpoints.parsed('develop.started:kill'));"
        "failpoints.failpoint('develop.started'); print('alive')"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=False)

    assert (done.returncode, done.stdout) == (-9, b"")


def test_several_faults_are_read_in_their_order():
    assert failpoints.parsed(" ingest.stored:kill@2, purge.deleted:error ") == [
        Fault("ingest.stored", "kill", 2),
        Fault("purge.deleted", "error", 1),
    ]


@pytest.mark.parametrize(
    "text", ["ingest.stored", "ingest.stored:burn", "nowhere:kill", "ingest.stored:kill@x"]
)
def test_what_makes_no_sense_is_refused(text):
    with pytest.raises(ValueError, match="step:action"):
        failpoints.parsed(text)


def test_every_step_is_said_somewhere_and_every_one_that_is_said_is_known():
    rooms = [ROOT / room for room in ("processing", "models", "storage", "delivery", "resolvers")]
    text = "".join(path.read_text() for room in rooms for path in room.rglob("*.py"))

    assert set(re.findall(r'failpoint\("(.+?)"\)', text)) == set(failpoints.STEPS)
    assert len(set(failpoints.STEPS)) == len(failpoints.STEPS)
