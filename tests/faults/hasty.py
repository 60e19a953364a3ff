"""Darkroom as it is, but neither the dead nor S3 are waited for so long: `python -m tests.faults.hasty` is `darkroom`.

Leases and heartbeats keep their proportion, so whoever lives keeps what it holds.
"""

from __future__ import annotations

from processing import idempotency, runner
from processing.queue.kafka import KafkaQueue
from processing.queue.mongo import MongoQueue
from storage.s3 import wire
from tests import thrifty
from tests.service import Service

LEASE_SECONDS = 4.0
SILENCE_SECONDS = 2.0


class HastyService(Service):
    """Takes up the work of its dead after LEASE_SECONDS."""

    program = "tests.faults.hasty"


if __name__ == "__main__":
    MongoQueue.__init__.__defaults__ = KafkaQueue.__init__.__defaults__ = (LEASE_SECONDS,)
    runner.HEARTBEAT_SECONDS = LEASE_SECONDS / 4
    idempotency.LEASE_SECONDS, idempotency.HEARTBEAT_SECONDS = LEASE_SECONDS, LEASE_SECONDS / 3
    wire.SILENCE_SECONDS, wire.PAUSES_SECONDS = SILENCE_SECONDS, (0.02, 0.04)
    thrifty.main()
