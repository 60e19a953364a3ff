"""Guards of files, addresses, manifests, delivery and faults."""

from __future__ import annotations

from typing import Final

from tests.guards import addresses, delivery, faults, files, manifests

GUARDS: Final = (
    *files.GUARDS,
    *addresses.GUARDS,
    *manifests.GUARDS,
    *delivery.GUARDS,
    *faults.GUARDS,
)
