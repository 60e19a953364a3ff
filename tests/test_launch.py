"""`darkroom run` as an operator meets it: real processes, real signals, no process left behind."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest

from embedded import free_port
from settings import Settings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")

ROOT = Path(__file__).parents[1]
ENDING_SECONDS = 60
CREDENTIALS = {"input": {"email": "ada@lovelace.example", "password": "an engine, analytical"}}


class Darkroom:
    """A `darkroom run` with a folder of its own."""

    def __init__(self, data_dir: Path, **settings: object) -> None:
        ours = {name.upper() for name in Settings.model_fields} | {"MONGODB_URL"}
        inherited = {name: value for name, value in os.environ.items() if name not in ours}
        path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(ROOT)]))
        self.port = int(settings.setdefault("PORT", free_port()))
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "cli", "run"],
            env=inherited
            | {"PYTHONPATH": path, "DATA_DIR": str(data_dir)}
            | {k: str(v) for k, v in settings.items()},
            cwd=data_dir,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_until_ready(self) -> "Darkroom":
        for line in self.process.stdout:
            if "To end" in line:
                return self
        pytest.fail(f"never ready: {self.process.stderr.read()}")

    def children(self) -> list[int]:
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Send a signal; the exit status and what was said of trouble."""
        self.process.send_signal(number)
        _, trouble = self.process.communicate(timeout=ENDING_SECONDS)
        return self.process.returncode, trouble

    def graphql(self, query: str) -> dict:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql",
            json.dumps({"query": query, "variables": CREDENTIALS}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own server
            return json.load(answer)["data"]


@pytest.fixture
def start(tmp_path):
    with ExitStack() as started:

        def start(**settings):
            darkroom = Darkroom(tmp_path, **settings)
            started.enter_context(darkroom.process)
            started.callback(darkroom.process.kill)
            return darkroom

        yield start


class Watched:
    """Processes whose end is noticed, whoever their parent is by then."""

    def __init__(self, pids: list[int]) -> None:
        self.descriptors = [os.pidfd_open(pid) for pid in pids]

    def have_ended(self, within_seconds: float = 0) -> bool:
        for descriptor in self.descriptors:
            poll = select.poll()
            poll.register(descriptor, select.POLLIN)
            if not poll.poll(within_seconds * 1000):
                return False
        return True


def test_a_second_start_on_another_port_finds_what_the_first_was_given(start):
    first = start().wait_until_ready()
    signed_up = first.graphql("mutation ($input: SignUpInput!) { signUp(input: $input) { __typename } }")
    first.end(signal.SIGINT)

    second = start().wait_until_ready()
    logged_in = second.graphql("mutation ($input: LogInInput!) { logIn(input: $input) { __typename } }")

    assert second.port != first.port
    assert signed_up == {"signUp": {"__typename": "SignUpPayload"}}
    assert logged_in == {"logIn": {"__typename": "LogInPayload"}}


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name
)
def test_a_signal_ends_everything_that_was_started_and_is_no_failure(start, number):
    darkroom = start().wait_until_ready()
    children = Watched(darkroom.children())

    status, trouble = darkroom.end(number)

    assert len(children.descriptors) == 3
    assert children.have_ended()
    assert (status, trouble) == (0, "")


def test_a_signal_while_mongodb_starts_ends_it_too(start, tmp_path):
    darkroom = start()
    while not darkroom.children():
        assert darkroom.process.poll() is None
    children = Watched(darkroom.children())

    status, trouble = darkroom.end(signal.SIGINT)

    assert children.have_ended()
    assert (status, trouble) == (0, "")


def test_a_launcher_that_is_killed_leaves_no_process(start):
    darkroom = start().wait_until_ready()
    children = Watched(darkroom.children())

    darkroom.end(signal.SIGKILL)

    assert children.have_ended(within_seconds=ENDING_SECONDS)


@pytest.mark.parametrize(("position", "name"), [(0, "MongoDB"), (1, "the API"), (2, "the worker")])
def test_a_part_that_dies_takes_the_rest_down_with_one_line(start, position, name):
    darkroom = start(SHUTDOWN_GRACE_SECONDS=2).wait_until_ready()
    pids = darkroom.children()
    children = Watched(pids)

    os.kill(pids[position], signal.SIGKILL)
    _, trouble = darkroom.process.communicate(timeout=ENDING_SECONDS)

    assert any(line.startswith(f"darkroom: {name} has ended by itself") for line in trouble.splitlines())
    assert darkroom.process.returncode == 1
    assert children.have_ended()


def test_a_busy_port_is_one_line_before_anything_is_started(start, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        darkroom = start(PORT=port)
        _, trouble = darkroom.process.communicate(timeout=ENDING_SECONDS)

    assert trouble.startswith(f"darkroom: PORT: found {port} ")
    assert trouble.count("\n") == 1
    assert darkroom.process.returncode == 2
    assert not (tmp_path / "mongodb").exists()


def test_a_playground_that_is_closed_is_not_announced(start, tmp_path):
    manifest = tmp_path / "manifest.json"
    manifest.write_text('{"who": "{ viewer { email } }"}')
    darkroom = start(TRUSTED_DOCUMENTS=manifest)

    said = next(line for line in darkroom.process.stdout if "/graphql" in line)
    darkroom.end(signal.SIGINT)

    assert said.split() == ["GraphQL", f"http://127.0.0.1:{darkroom.port}/graphql"]


def test_a_wrong_setting_is_one_line(start):
    darkroom = start(STORAGE="floppy")

    _, trouble = darkroom.process.communicate(timeout=ENDING_SECONDS)

    assert trouble == "darkroom: STORAGE: found 'floppy', wanted 'gridfs', 'filesystem', 's3' or 'imagekit'\n"
    assert darkroom.process.returncode == 2


def test_a_provider_without_its_setting_is_said_in_the_words_of_whoever_needs_it(start):
    darkroom = start(STORAGE="imagekit")

    _, trouble = darkroom.process.communicate(timeout=ENDING_SECONDS)

    assert set(trouble.splitlines()) == {
        "darkroom: IMAGEKIT_PRIVATE_KEY: found nothing, wanted ImageKit's private API key"
    }
    assert darkroom.process.returncode == 2


@pytest.mark.mongo
def test_with_a_mongodb_of_the_operators_none_is_started(start, tmp_path):
    uri = os.environ["DARKROOM_TEST_MONGODB_URI"]
    darkroom = start(MONGODB_URI=uri, MONGODB_DATABASE=f"launch-{os.getpid()}").wait_until_ready()

    assert len(darkroom.children()) == 2
    assert not (tmp_path / "mongodb").exists()
    assert darkroom.end(signal.SIGINT)[0] == 0
