"""Guards of files, addresses, manifests, delivery and faults."""

from __future__ import annotations

from typing import Final

from tests.guards import (
    addresses,
    answers,
    delivery,
    files,
    manifests,
    pictures,
    processes,
    results,
    staged,
    stores,
    work,
)

GUARDS: Final = (
    *files.GUARDS,
    *pictures.GUARDS,
    *addresses.GUARDS,
    *answers.GUARDS,
    *manifests.GUARDS,
    *results.GUARDS,
    *delivery.GUARDS,
    *staged.GUARDS,
    *stores.GUARDS,
    *work.GUARDS,
    *processes.GUARDS,
)
