"""`darkroom doctor`: what is configured, what is reachable, what is wrong."""

# ruff: noqa: PLC0415 - as in `cli`

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from errors import ConfigurationError, QueueError, StorageError

if TYPE_CHECKING:
    from settings import Settings

ANSWER_MS: Final = 3_000
MARKS: Final = {True: "[green]ok[/green]", False: "[red]wrong[/red]", None: "[yellow]unknown[/yellow]"}


@dataclass(frozen=True)
class Finding:
    """What the doctor says of one part; `ok` is None where another part that is wrong hides it."""

    part: str
    ok: bool | None
    detail: str


def examine() -> list[Finding]:
    """A finding for each part."""
    from settings import Settings

    try:
        settings = Settings.load()
    except ConfigurationError as error:
        return [Finding("settings", ok=False, detail=str(error)), *_examine_pages()]
    if settings.mongodb_uri is None:
        mongodb = _examine_bundled(settings)
    else:
        mongodb = asyncio.run(_examine_server(settings.mongodb_uri))
    return [
        Finding("settings", ok=True, detail=f"{settings.environment}, {settings.public_url}"),
        mongodb,
        _examine_storage(settings, mongodb),
        _examine_queue(settings, mongodb),
        *_examine_documents(settings),
        *_examine_pages(),
    ]


def _examine_bundled(settings: Settings) -> Finding:
    """The server that `darkroom run` would start."""
    import embedded

    try:
        program = embedded.find_mongod()
        version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)  # noqa: S603 - as found
    except (ConfigurationError, OSError, subprocess.CalledProcessError) as error:
        return Finding("mongodb", ok=False, detail=str(error))
    data = (settings.data_dir / "mongodb").resolve()
    return Finding("mongodb", ok=True, detail=f"our own, {version.stdout.splitlines()[0]}; its files: {data}")


async def _examine_server(uri: str) -> Finding:
    from pymongo import AsyncMongoClient
    from pymongo.errors import PyMongoError

    from resources import has_transactions

    try:
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(uri, serverSelectionTimeoutMS=ANSWER_MS)
        async with client:
            hello = await client.admin.command("hello")
            version = (await client.server_info())["version"]
    except PyMongoError as error:
        return Finding("mongodb", ok=False, detail=f"MONGODB_URI: no answer ({type(error).__name__})")
    if not has_transactions(hello):
        return Finding(
            "mongodb", ok=False, detail=f"MongoDB {version} is no replica set; transactions need one"
        )
    return Finding(
        "mongodb", ok=True, detail=f"MongoDB {version}, replica set {hello.get('setName', 'sharded')}"
    )


def _examine_storage(settings: Settings, mongodb: Finding) -> Finding:
    if settings.storage == "gridfs":
        return _kept_in_mongodb("storage", settings.storage, settings, mongodb)
    if settings.storage == "filesystem":
        return _examine_folder(settings.files_dir.resolve())
    return asyncio.run(_examine_provider(settings))


async def _examine_provider(settings: Settings) -> Finding:
    """A provider beyond this machine, asked as the service would ask it."""
    from pymongo import AsyncMongoClient

    from providers import PROVIDERS

    kind = settings.storage
    provider = PROVIDERS[kind]
    async with AsyncMongoClient[dict[str, Any]](connect=False) as unused:
        try:
            storage = provider.open(settings, unused[settings.mongodb_database])
        except ConfigurationError as error:
            return Finding("storage", ok=False, detail=f"{kind}: {error}")
        try:
            await storage.check()
        except StorageError as error:
            return Finding("storage", ok=False, detail=f"{kind}: {provider.unusable(settings, error)}")
        finally:
            await storage.close()
    return Finding("storage", ok=True, detail=f"{kind}: answers")


def _examine_queue(settings: Settings, mongodb: Finding) -> Finding:
    if settings.queue == "mongo":
        return _kept_in_mongodb("queue", settings.queue, settings, mongodb)
    return asyncio.run(_examine_broker(settings))


async def _examine_broker(settings: Settings) -> Finding:
    """What wakes the workers beyond MongoDB, asked as the service would ask it."""
    from providers import queues

    kind = settings.queue
    try:
        queue = queues.make_queue(settings)
    except ConfigurationError as error:
        return Finding("queue", ok=False, detail=f"{kind}: {error}")
    try:
        async with asyncio.timeout(ANSWER_MS / 1000):
            await queue.check()
    except TimeoutError:
        return Finding("queue", ok=False, detail=f"{kind}: no answer")
    except QueueError as error:
        return Finding("queue", ok=False, detail=f"{kind}: {queues.unusable(settings, error)}")
    return Finding("queue", ok=True, detail=f"{kind}: answers")


def _kept_in_mongodb(part: str, kind: str, settings: Settings, mongodb: Finding) -> Finding:
    if not mongodb.ok:
        return Finding(part, ok=None, detail=f"{kind}: unknown while MongoDB does not answer as it should")
    uri = settings.mongodb_uri
    hosts = uri.partition("://")[2].partition("/")[0].rpartition("@")[2] if uri else "our own MongoDB"
    return Finding(part, ok=True, detail=f"{kind}: in {hosts}, database {settings.mongodb_database!r}")


def _examine_documents(settings: Settings) -> list[Finding]:
    """The manifest of trusted documents, read as the API reads it."""
    if settings.trusted_documents is None:
        return []
    from app import open_executor

    try:
        open_executor(settings)
    except ConfigurationError as error:
        return [Finding("documents", ok=False, detail=str(error))]
    return [Finding("documents", ok=True, detail=f"only those in {settings.trusted_documents}")]


def _examine_folder(folder: Path) -> Finding:
    from storage.filesystem import FilesystemStorage

    if not folder.exists():  # nor is it made here, where somebody else may be asking
        parent = next(path for path in folder.parents if path.exists())
        ok = parent.is_dir() and os.access(parent, os.W_OK | os.X_OK)
        detail = "is made at the start" if ok else f"cannot be made: {parent} is not writable"
        return Finding("storage", ok=ok, detail=f"filesystem: {folder} {detail}")
    try:
        asyncio.run(FilesystemStorage(folder).check())
    except StorageError as error:
        return Finding("storage", ok=False, detail=f"filesystem: {folder} is not writable ({error})")
    return Finding("storage", ok=True, detail=f"filesystem: {folder} is writable")


def _examine_pages() -> list[Finding]:
    """The app, the playground's assets, and the Node.js that builds one and fetches the others, once."""
    root = Path(__file__).parent.parent
    app = (root / "web/dist/index.html").is_file()
    assets = (root / "playground/node_modules/graphiql").is_dir()
    beside_us = str(Path(sys.executable).parent)
    node = shutil.which("node") or shutil.which("node", path=beside_us)
    return [
        Finding("app", ok=app, detail="built" if app else "not built: run `make web`"),
        Finding(
            "playground",
            ok=assets,
            detail="assets in place" if assets else "no assets: run `make playground`",
        ),
        Finding(
            "node",
            ok=(app and assets) or bool(node),
            detail=node or "none; only needed to build the app and to fetch the playground's assets",
        ),
    ]


def print_json(findings: list[Finding]) -> None:
    """For programs."""
    import json

    print(json.dumps([asdict(finding) for finding in findings], indent=2))


def print_table(findings: list[Finding]) -> None:
    """For people."""
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=box.SIMPLE, show_header=False)
    for finding in findings:
        table.add_row(MARKS[finding.ok], finding.part, escape(finding.detail))
    Console().print(table)
