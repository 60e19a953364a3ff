"""Darkroom as it is, but for how long it waits for S3: `python -m tests.faults.impatient` is `darkroom`."""

from __future__ import annotations

from storage.s3 import wire
from tests import thrifty

if __name__ == "__main__":
    wire.SILENCE_SECONDS = 0.5
    wire.PAUSES_SECONDS = (0.02, 0.04)
    thrifty.main()
