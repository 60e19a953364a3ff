"""Where both servers keep bytes: what each is started with, how uploads are forgotten, whether they were kept."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import boto3
from botocore.config import Config
from pymongo import ASCENDING
from pymongo.asynchronous.database import AsyncDatabase

import embedded
from benchmarks import load, processes
from benchmarks.servers import ROOT, Darkroom, Peer

Database = AsyncDatabase[dict[str, Any]]

KEY: Final = "benchmark"


class Store(Protocol):
    """A provider, for both servers alike."""

    peer_program: str

    @property
    def settings(self) -> Mapping[str, str]:
        """What Darkroom is started with."""
        ...

    @property
    def peer_environment(self) -> Mapping[str, str]:
        """What the peer is started with."""
        ...

    async def forget(self, server: Darkroom | Peer, database: Database) -> None:
        """Every byte that the server keeps."""
        ...

    async def check(self, server: Darkroom | Peer, database: Database, acknowledged: int) -> None:
        """Raises unless so many uploads are kept, each whole."""
        ...


class GridFS:
    """In MongoDB itself."""

    peer_program = "express_gridfs.cjs"
    settings: Mapping[str, str] = {}
    peer_environment: Mapping[str, str] = {}

    async def forget(self, server: Darkroom | Peer, database: Database) -> None:  # noqa: ARG002 - both use one layout
        """Chunks are many bytes, so their collection is dropped and made anew."""
        await database["fs.files"].delete_many({})
        await database["fs.chunks"].drop()
        await database["fs.chunks"].create_index([("files_id", ASCENDING), ("n", ASCENDING)], unique=True)

    async def check(self, server: Darkroom | Peer, database: Database, acknowledged: int) -> None:
        """By the files' entries."""
        _check(server.name, await database["fs.files"].count_documents({}), acknowledged)


@dataclass(frozen=True)
class S3:
    """At the stand-in; each server has a bucket named as its database."""

    endpoint: str
    peer_program = "express_s3.cjs"

    @property
    def settings(self) -> Mapping[str, str]:
        """What Darkroom is started with."""
        return {
            "STORAGE": "s3",
            "S3_BUCKET": "darkroom",
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": KEY,
        }

    @property
    def peer_environment(self) -> Mapping[str, str]:
        """What the peer is started with."""
        return {"S3_ENDPOINT": self.endpoint}

    async def forget(self, server: Darkroom | Peer, database: Database) -> None:  # noqa: ARG002 - nothing is there
        """The stand-in empties what it is to delete."""
        await asyncio.to_thread(self._client().delete_bucket, Bucket=server.database)

    async def check(self, server: Darkroom | Peer, database: Database, acknowledged: int) -> None:
        """Every document has its object, of the right size."""
        sizes = await asyncio.to_thread(self._sizes, server.database)
        images = [server.stored(document) async for document in database["images"].find()]
        _check(server.name, sum(sizes.get(key) == size_bytes for key, size_bytes in images), acknowledged)

    def _sizes(self, bucket: str) -> dict[str, int]:
        pages = self._client().get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return {kept["Key"]: kept["Size"] for page in pages for kept in page.get("Contents", [])}

    def _client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=KEY,
            aws_secret_access_key=KEY,
            config=Config(s3={"addressing_style": "path"}),
        )


@asynccontextmanager
async def s3(folder: Path, *, bytes_in: Path | None = None) -> AsyncIterator[S3]:
    """A stand-in; it keeps bytes only if it is told where."""
    port = embedded.free_port()
    command = [
        sys.executable,
        "-m",
        "benchmarks.s3_stand_in",
        str(port),
        *([str(bytes_in)] if bytes_in else []),
    ]
    log = folder / "s3_stand_in.log"
    async with processes.running(command, port=port, log=log, PYTHONPATH=str(ROOT)):
        yield S3(f"http://{embedded.HOST}:{port}")


def _check(name: str, kept: int, acknowledged: int) -> None:
    if kept < acknowledged:
        raise load.UnexpectedAnswerError(f"{name} acknowledged {acknowledged} uploads and keeps {kept}")
