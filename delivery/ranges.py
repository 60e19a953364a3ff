"""The `Range` header: which bytes are wanted.

Source: RFC 9110, section 14. A client that asks for several ranges is sent everything, as section 14.2 allows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"bytes=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.ASCII)


@dataclass(frozen=True)
class ByteRange:
    """From `start` up to, not including, `end`."""

    start: int
    end: int


class Unsatisfiable(Exception):  # noqa: N818 - the RFC's word
    """The range lies behind the end."""


def parse(header: str | None, size_bytes: int) -> ByteRange | None:
    """The range asked for; None if everything is to be sent: no range, several, or one that makes no sense.

    Raises:
        Unsatisfiable: Nothing of the range exists.
    """
    match = _ONE_RANGE.fullmatch(header or "")
    if match is None:
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    if not first:
        wanted = ByteRange(max(size_bytes - int(last), 0), size_bytes)
    else:
        if last and int(last) < int(first):
            return None
        wanted = ByteRange(int(first), min(int(last) + 1, size_bytes) if last else size_bytes)
    if wanted.start >= wanted.end:
        raise Unsatisfiable
    return wanted
