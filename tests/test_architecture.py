"""Imports go one way, as `ARCHITECTURE.md` draws them, and no room is named after a standard module."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

MAY_IMPORT = {
    "errors": set(),
    "durations": set(),
    "tracing": set(),
    "client": set(),
    "failpoints": set(),
    "group_commit": {"errors"},
    "tasks": set(),
    "body": {"errors"},
    "settings": {"errors", "failpoints"},
    "logs": set(),
    "auth": {"errors"},
    "storage": {"errors", "durations", "group_commit"},
    "models": {"errors", "tasks"},
    "engine": {"errors", "durations", "body", "tasks"},
    "playground": set(),
    "web": set(),
    "processing": {
        "storage",
        "models",
        "errors",
        "durations",
        "failpoints",
        "group_commit",
        "tasks",
        "tracing",
    },
    "delivery": {"processing", "storage", "models", "auth", "errors", "body"},
    "resolvers": {"delivery", "processing", "storage", "models", "auth", "errors"},
    "schema": {"engine", "resolvers", "models", "errors"},
    "telemetry": {"errors", "engine", "processing", "storage", "tracing"},
    "metrics": {"engine", "delivery", "processing", "storage", "models", "durations"},
}
COMPOSITION_ROOT = {
    "app",
    "server",
    "worker",
    "cli",
    "launch",
    "embedded",
    "resources",
    "providers",
    "stopping",
}
ROOMS = MAY_IMPORT.keys() | COMPOSITION_ROOT
ONLY_IN = {
    "strawberry": ["schema", "resolvers/loaders.py", "engine/plans/access.py"],
    "aiohttp": ["storage/imagekit", "processing/fetch", "client"],
    "boto3": ["storage/s3"],
    "botocore": ["storage/s3"],
    "imagekitio": ["storage/imagekit"],
    "aiokafka": ["processing/queue/kafka"],
    "prometheus_client": ["metrics"],
    "pyvips": ["processing"],
    "opentelemetry": ["telemetry"],
    "uvicorn": ["server"],
    "settings": [
        "app.py",
        "server",
        "worker.py",
        "resources.py",
        "providers",
        "cli",
        "launch.py",
        "settings",
    ],
}


@cache
def modules():
    return list(_modules())


def _modules():
    for path in sorted(ROOT.glob("*.py")):
        yield path.stem, path
    for room in sorted(ROOMS):
        for path in sorted((ROOT / room).rglob("*.py")):
            if "node_modules" not in path.parts:
                yield room, path


def places():
    """Where the rooms are: files and folders."""
    for room in sorted(ROOMS):
        yield from (path for path in (ROOT / room, ROOT / f"{room}.py") if path.exists())


@cache
def imported(path):
    """The first parts of the names of the modules that a file imports."""
    return set(_imported(path))


def _imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_a_room_imports_only_what_lies_below_it(room):
    allowed = MAY_IMPORT[room] | {room}
    wrong = {
        (path.relative_to(ROOT).as_posix(), name)
        for name_of_room, path in modules()
        if name_of_room == room
        for name in imported(path)
        if name in ROOMS and name not in allowed
    }

    assert not wrong


def test_every_python_file_at_the_root_is_a_room_of_the_table():
    assert {path.stem for path in ROOT.glob("*.py")} <= ROOMS


@pytest.mark.parametrize("library", sorted(ONLY_IN))
def test_a_library_is_named_only_where_it_is_wrapped(library):
    places = ONLY_IN[library]
    wrong = [
        path.relative_to(ROOT).as_posix()
        for _, path in modules()
        if library in imported(path)
        and not any(path.relative_to(ROOT).is_relative_to(place) for place in places)
    ]

    assert not wrong


def test_every_room_is_in_the_wheel():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"])

    assert wheel == {path.relative_to(ROOT).as_posix() for path in places()}


def test_every_room_is_in_the_image():
    kept = set((ROOT / ".dockerignore").read_text().splitlines())

    assert {"!*.py", *(f"!{path.name}" for path in places() if path.is_dir())} <= kept


def test_no_room_is_named_after_a_standard_module():
    assert not ROOMS & set(sys.stdlib_module_names)


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_a_room_is_found_here_and_not_in_somebody_elses_package(room):
    if (ROOT / room).exists() or (ROOT / f"{room}.py").exists():
        assert Path(importlib.import_module(room).__file__).is_relative_to(ROOT)


def test_the_processes_of_the_codec_carry_no_driver_and_no_event_loop():
    lists = "import sys, processing.codec.mother, processing.codec.compress; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", lists], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert not {"beanie", "pymongo", "bson", "aiohttp", "asyncio", "ssl"} & set(loaded.stdout.split())


def test_the_engine_says_no_word_about_images_or_batches():
    text = "".join(path.read_text().lower() for room, path in modules() if room == "engine")

    assert "image" not in text
    assert "darkroom" not in text


def test_no_python_file_is_longer_than_300_lines():
    around = [path for folder in ("tests", "benchmarks") for path in (ROOT / folder).rglob("*.py")]
    not_ours = {"generated", "node_modules"}
    written = [
        path for path in [*(path for _, path in modules()), *around] if not_ours.isdisjoint(path.parts)
    ]
    long = [path.name for path in written if len(path.read_text().splitlines()) > 300]

    assert not long
