"""What was delivered since the process began, in plain numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from starlette.responses import Response

WITH_BYTES = frozenset({200, 206})


@dataclass
class DeliveryCounts:
    """Answers to requests for images.

    Attributes:
        statuses: How many, by their status.
        size_bytes: Of all bodies that hold pictures, as they were announced.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    size_bytes: int = 0

    def add(self, response: Response, *, is_head: bool) -> None:
        """One more answer."""
        self.statuses[response.status_code] += 1
        if response.status_code in WITH_BYTES and not is_head:
            self.size_bytes += int(response.headers["content-length"])
