"""One very large file, in and out again: what it takes of a server's memory, whoever keeps the bytes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from benchmarks import load, pictures, processes, servers, stores
from benchmarks.bench import QUICK, Bench
from benchmarks.processes import Memory
from benchmarks.servers import Darkroom
from tests.pictures import photo

SIZE_BYTES, QUICK_SIZE_BYTES = 1_000_000_000, 100_000_000
SHOWN_BYTES: Final = 100_000
LIMITS: Final = {"MAX_FILE_SIZE_BYTES": "2000000000", "MAX_REQUEST_BYTES": "2000000000"}
VARIANTS: Final = "{ gallery { nodes { variants { url } } } }"


async def memory(bench: Bench) -> dict[str, Memory]:
    """Of an upload and of a download, for every provider that the service itself reads from."""
    found: dict[str, Memory] = {}
    kept = bench.folder / "large"
    kept.mkdir()
    async with stores.s3(bench.folder, bytes_in=kept) as s3:
        for name, settings in {
            "gridfs": {"STORAGE": "gridfs"},
            "filesystem": {"STORAGE": "filesystem"},
            "s3": s3.settings,
        }.items():
            size_bytes = QUICK_SIZE_BYTES if bench.pace is QUICK else SIZE_BYTES
            async with _started(bench, bench.folder, settings) as server:
                (token,) = await server.people(1)
                await servers.uploaded(server, pictures.jpeg(SHOWN_BYTES))
                with processes.memory(server.pid) as found[f"{name}, upload"]:
                    await server.take_in(pictures.padded(photo(SHOWN_BYTES), size_bytes), size_bytes, token)
                request = await _request(bench, server, token)
                with processes.memory(server.pid) as found[f"{name}, download"]:
                    await _download(server, request, size_bytes)
            await bench.mongodb.drop_database(server.database)
    return found


@asynccontextmanager
async def _started(bench: Bench, folder: Path, settings: Mapping[str, str]) -> AsyncIterator[Darkroom]:
    async with servers.darkroom(bench.mongodb_uri, folder, **LIMITS, **settings) as server:
        yield server


async def _request(bench: Bench, server: Darkroom, token: str) -> bytes:
    """Fetches the file as a variant of itself: originals may be redirected, variants never are."""
    images = bench.mongodb[server.database]["images"]
    image = await images.find_one({"size_bytes": {"$gt": SHOWN_BYTES}})
    key, size_bytes = server.stored(image or {})
    variant = {"name": "large", "key": key, "media_type": "image/jpeg", "size_bytes": size_bytes}
    variant |= {"width_px": 1, "height_px": 1}
    await images.update_one({"storage.key": key}, {"$set": {"state": "READY", "variants": [variant]}})
    body = json.dumps({"query": VARIANTS}).encode()
    headers = f"Authorization: Bearer {token}\r\n"
    async with load.connections(server.port, 1) as (connection,):
        answer = await connection.exchange(
            servers.request("POST", "/graphql", body, "application/json", headers)
        )
        (node,) = json.loads(bytes(answer.body))["data"]["gallery"]["nodes"]
    parts = urlsplit(node["variants"][0]["url"])
    return servers.request("GET", f"{parts.path}?{parts.query}", b"", "")


async def _download(server: Darkroom, request: bytes, size_bytes: int) -> None:
    async with load.connections(server.port, 1) as (connection,):
        answer = await connection.discard(request)
        if answer != (200, size_bytes):
            raise load.UnexpectedAnswerError(f"status and bytes: {answer}")
