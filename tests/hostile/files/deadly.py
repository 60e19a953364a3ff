"""Darkroom as it is, but for the engine of its codec, and for what an image may use: `python -m tests.hostile.files.deadly`."""

from __future__ import annotations

from processing import decoding
from processing.codec.nursery import Nursery
from processing.codec.pool import Bounds
from tests import thrifty

ENGINE = "tests.hostile.files.deadly_engine"

if __name__ == "__main__":
    begin = Nursery.__init__
    Nursery.__init__ = lambda self, _: begin(self, ENGINE)
    decoding.BOUNDS = Bounds(cpu_seconds=1, wall_seconds=60)
    thrifty.main()
