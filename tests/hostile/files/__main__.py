"""`python -m tests.hostile.files`: the whole corpus through a service of its own, and what it has cost.

Prints what became of each row's files, and the most memory that each process held; exits with 1 if anything is not as it
is written down, or if any process held more than MOST_MIB.
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
from tests.hostile.files.memory import Watch
from tests.service import Service

MOST_MIB = 400


async def main() -> int:
    """Sends everything; 0 if all is well."""
    cases = [*corpus.all_cases(), *corpus.large()]
    async with (
        _service() as service,
        Person.signed_up(service.url) as person,
        Watch(service).watching() as watch,
    ):
        found = await senders.verdicts(person, cases)
    wrong = [case for case in cases if found[case.about] != case.verdict]
    for row, count in sorted(Counter(case.row for case in cases).items()):
        print(f"{row}: {count} files")  # noqa: T201 - what is asked for
    for case in wrong:
        print(f"WRONG {case.row} {case.about}: {found[case.about]}, not {case.verdict}")  # noqa: T201
    for name, peak_bytes in sorted(watch.peaks.items()):
        print(f"{name} held {peak_bytes / 2**20:.0f} MiB at most")  # noqa: T201
    print(f"all together: {watch.together_bytes / 2**20:.0f} MiB, pages that are shared counted once")  # noqa: T201
    return int(bool(wrong) or max(watch.peaks.values()) > MOST_MIB * 2**20)


@asynccontextmanager
async def _service() -> AsyncIterator[Service]:
    with tempfile.TemporaryDirectory(prefix="darkroom-hostile-") as folder:
        async with embedded.mongod(Path(folder) / "mongodb") as mongod:
            with Service(Path(folder), MONGODB_URI=mongod.uri) as service:
                yield service


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
