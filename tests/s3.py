"""S3 servers: moto, which does much and verifies nothing, and versitygw, which verifies every signature."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from embedded import free_port
from storage.s3 import Bucket, Keys, S3Storage

REGION = "us-east-1"
BUCKET = "pictures"
VERSITYGW = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"
KEYS = Keys("darkroom-tests", "nobody-must-guess-this")
BUILT_WITHIN_SECONDS = 900
READY_WITHIN_SECONDS = 20


@dataclass(frozen=True)
class Server:
    """An S3 server on this machine, and the keys that it knows."""

    url: str
    keys: Keys = KEYS

    def client(self) -> Any:
        """What boto3 makes of it, to prepare and to look at what our adapter does."""
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=self.keys.access_key_id,
            aws_secret_access_key=self.keys.secret_access_key,
            region_name=REGION,
            config=Config(s3={"addressing_style": "path"}),
        )

    def storage(self) -> S3Storage:
        """The adapter, on the bucket."""
        return S3Storage(Bucket.at(BUCKET, region=REGION, endpoint_url=self.url), self.keys)

    def settings(self) -> dict[str, str]:
        """The environment variables that lead to the bucket."""
        return {
            "S3_BUCKET": BUCKET,
            "AWS_ENDPOINT_URL_S3": self.url,
            "AWS_ACCESS_KEY_ID": self.keys.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.keys.secret_access_key,
        }


@contextmanager
def moto() -> Iterator[Server]:
    """moto in a thread of this process."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - takes seconds, and few runs need it

    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    try:
        server = Server(f"http://{host}:{port}")
        server.client().create_bucket(Bucket=BUCKET)
        yield server
    finally:
        running.stop()


@contextmanager
def moto_alone() -> Iterator[Server]:
    """moto in a process of its own, which nobody else puts anything into."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_listening(process, port)
        server = Server(f"http://127.0.0.1:{port}")
        server.client().create_bucket(Bucket=BUCKET)
        yield server
    finally:
        process.terminate()
        process.wait()


@contextmanager
def versitygw(folder: Path, *options: str) -> Iterator[Server]:
    """versitygw with its objects in the folder."""
    folder.mkdir(exist_ok=True)
    port = free_port()
    server = Server(f"http://127.0.0.1:{port}")
    identity = ["--access", server.keys.access_key_id, "--secret", server.keys.secret_access_key]
    listening = ["--port", f"127.0.0.1:{port}", "--quiet", "--keep-alive", *options]
    with (folder.parent / f"{folder.name}.log").open("wb") as log:
        process = subprocess.Popen(
            [_versitygw(), *identity, *listening, "posix", folder], stdout=log, stderr=log
        )
    try:
        _wait_until_listening(process, port)
        server.client().create_bucket(Bucket=BUCKET)
        yield server
    finally:
        process.terminate()
        process.wait()


def _versitygw() -> str:
    """The program: found, or built once on each machine where there is Go."""
    program = shutil.which("versitygw")
    if program:
        return program
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(home) / "darkroom-tests" / VERSITYGW.rpartition("@")[2]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # or else every xdist worker would build it
        built = folder / "versitygw"
        if not built.exists():
            _build(folder)
    return str(built)


def _build(folder: Path) -> None:
    go = shutil.which("go")
    if not go:
        _missing("there is neither versitygw nor Go here")
    building = subprocess.run(
        [go, "install", VERSITYGW],
        env={**os.environ, "GOBIN": str(folder)},
        timeout=BUILT_WITHIN_SECONDS,
        capture_output=True,
        text=True,
        check=False,
    )
    if building.returncode:
        _missing(f"versitygw cannot be built: {building.stderr[-500:]}")


def _missing(reason: str) -> None:
    if "REQUIRE_ALL" in os.environ:
        pytest.fail(f"REQUIRE_ALL is set and {reason}")
    pytest.skip(reason)


def _wait_until_listening(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + READY_WITHIN_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("the S3 server is not ready")


def begun_uploads(server: Server, key: str) -> list[str]:
    """The ids of the uploads in parts that have not ended, of keys that begin so."""
    found = server.client().list_multipart_uploads(Bucket=BUCKET, Prefix=key).get("Uploads", [])
    return [upload["UploadId"] for upload in found]
