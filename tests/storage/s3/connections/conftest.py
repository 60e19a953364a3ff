"""What is asked of a connection holds on both loops: the one of tests, and the one of the service."""

from __future__ import annotations

import asyncio

import uvloop


def pytest_asyncio_loop_factories():
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
