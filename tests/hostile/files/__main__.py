"""`python -m tests.hostile.files`: the whole corpus through a service of its own, and what it has cost.

Prints how many files each row has, and the most memory that each process held, for the corpus and then for sound pictures
as large as may be. Exits with 1 if anything becomes of a file that is not written down, or a process held too much.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import embedded
from tests.client import Person
from tests.hostile.files import corpus, senders
from tests.hostile.files.corpus import Case
from tests.hostile.files.memory import Watch
from tests.service import Service

MOST_MIB = 400
MOST_MIB_OF_LARGE = 900  # 768 that one picture may have, and what a process has anyway


async def main() -> int:
    """Sends everything; 0 if all is well."""
    async with _service() as service:
        is_well = await _sent(service, "the corpus", corpus.all_cases(), MOST_MIB)
    async with _service() as service:
        large = await _sent(service, "the largest", list(corpus.large()), MOST_MIB_OF_LARGE)
    return int(not (is_well and large))


async def _sent(service: Service, about: str, cases: list[Case], most_mib: int) -> bool:
    async with Person.signed_up(service.url) as person, Watch(service).watching() as watch:
        found = await senders.verdicts(person, cases)
    rows = sorted(Counter(case.row for case in cases).items())
    print(f"{about}: " + ", ".join(f"{row} {count} files" for row, count in rows))  # noqa: T201 - what is asked for
    wrong = [case for case in cases if found[case.about] != case.verdict]
    for case in wrong:
        print(f"  WRONG {case.row} {case.about}: {found[case.about]}, not {case.verdict}")  # noqa: T201
    for name, peak_bytes in sorted(watch.peaks.items()):
        print(f"  {name} held {peak_bytes / 2**20:.0f} MiB at most")  # noqa: T201
    print(f"  all together {watch.together_bytes / 2**20:.0f} MiB")  # noqa: T201 - shared pages count once
    return not wrong and max(watch.peaks.values()) <= most_mib * 2**20


@asynccontextmanager
async def _service() -> AsyncIterator[Service]:
    with tempfile.TemporaryDirectory(prefix="darkroom-hostile-") as folder:
        async with embedded.mongod(Path(folder) / "mongodb") as mongod:
            with Service(Path(folder), MONGODB_URI=mongod.uri) as service:
                yield service


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
