"""Memory as on a server that has run for a day: all of it has been used before.

In a virtual machine free pages may have gone back to the host. On the machine of the figures the first touch of one
took 9 µs, of any other 0.7: who wrote most to files paid for most of them, ten times over.
"""

from __future__ import annotations

from pathlib import Path

MEMINFO = Path("/proc/meminfo")
LEFT_FREE_KB = 240 * 1024
PART_BYTES = 8 * 1024 * 1024


class Pages:
    """Fills free memory with cached pages of a file that has a hole for its content; the kernel takes them back as soon
    as it wants them.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "hole"
        self._path.touch()
        self._end = 0

    def fill(self) -> None:
        """Until next to nothing is free, or as much has been read as there is memory."""
        part, most = bytearray(PART_BYTES), self._end + _kb("MemTotal") * 1024
        with self._path.open("r+b", buffering=0) as hole:
            hole.seek(self._end)
            while self._end < most and _kb("MemFree") > LEFT_FREE_KB:
                self._end += PART_BYTES
                hole.truncate(self._end)
                hole.readinto(part)


def _kb(name: str) -> int:
    line = next(line for line in MEMINFO.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1])
