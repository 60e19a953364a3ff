"""Manifests as people write them, and what is read of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from processing.manifest import Code, Limits, Problem, Reading, Row

HEADER = "S. No.,Product Name,Input Image Urls"
A, B, C = (f"https://cdn.test/{name}.jpg" for name in "abc")
LIMITS = Limits()


@dataclass(frozen=True)
class Outcome:
    """What a manifest was read as."""

    rows: list[Row]
    reading: Reading

    @property
    def problems(self) -> list[Problem]:
        return self.reading.problems.kept

    @property
    def found(self) -> list[tuple[int, str]]:
        """Lines and codes of the problems."""
        return [(problem.line, problem.code.value) for problem in self.problems]

    @property
    def codes(self) -> set[Code]:
        return {problem.code for problem in self.problems}

    @property
    def urls(self) -> list[list[str]]:
        return [list(row.image_urls) for row in self.rows]

    @property
    def everything(self) -> tuple[object, ...]:
        """All that a caller can see."""
        r = self.reading
        said = (r.encoding, r.delimiter, r.extra_headings, r.row_count, r.image_count, r.is_broken)
        return self.rows, self.problems, r.problems.count, r.problems.error_count, said


async def pieces_of(parts: Iterable[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def read(
    manifest: str | bytes | Iterable[bytes], limits: Limits = LIMITS, block_bytes: int = 2**20
) -> Outcome:
    """What a manifest is read as: text as UTF-8, bytes as one piece, or pieces."""
    data = manifest.encode() if isinstance(manifest, str) else manifest
    parts = [data] if isinstance(data, bytes) else data
    reading = Reading(pieces_of(parts), limits, block_bytes=block_bytes)
    return Outcome([row async for row in reading.rows()], reading)


def below_header(*lines: str, header: str = HEADER) -> str:
    """A manifest of these lines."""
    return "".join(f"{line}\n" for line in (header, *lines))
