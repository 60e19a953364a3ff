"""Guards of files, addresses that strangers choose, manifests, storage and faults: 2.4 to 2.6 and 2.9."""

from __future__ import annotations

from typing import Final

from tests.guards.base import Guard

GUARDS: Final[tuple[Guard, ...]] = ()
