"""Log lines say what happened and never what was in somebody's hands."""

from __future__ import annotations

import json
import logging

import pytest
import structlog

import logs

SECRET = "correct horse battery"


@pytest.fixture(autouse=True)
def restored():
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.fixture(params=[True, False], ids=["json", "people"])
def configured(request):
    """To be called in the test: what standard error is while fixtures are made is closed by then."""
    return lambda: logs.configure(as_json=request.param)


def fail(password):
    raise LookupError(f"on purpose, with {len(password)} characters")


@pytest.mark.parametrize("get_logger", [structlog.get_logger, logging.getLogger], ids=["ours", "a library's"])
def test_a_trace_shows_lines_and_no_values(configured, capsys, get_logger):
    configured()

    try:
        fail(SECRET)
    except LookupError:
        get_logger("test").exception("it failed")

    written = capsys.readouterr().err
    assert "it failed" in written
    assert "Logging error" not in written
    assert "on purpose" in written
    assert SECRET not in written


def test_in_production_every_line_is_json(capsys):
    logs.configure(as_json=True)

    structlog.get_logger().warning("ours", filename="a\r\nb")
    logging.getLogger("library").warning("theirs\nforged")

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["ours", "theirs\nforged"]


def test_the_requests_of_an_sdk_are_no_news(configured, capsys):
    configured()

    logging.getLogger("httpx").info("HTTP Request: GET https://api.imagekit.io/v1/files?searchQuery=…")

    assert capsys.readouterr().err == ""
