"""`python -m tests.guards [ROW …]`: takes each guard out, and looks whether a test of its row sees that.

As many are tried at once as `make test` has workers. Exits with 1 if one stays green, breaks off otherwise than a test
fails, or no longer finds its guard.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.conftest import pytest_xdist_auto_num_workers
from tests.guards import content, requests
from tests.guards.copied import Copies, Run

GUARDS = (*requests.GUARDS, *content.GUARDS)


def main(rows: Sequence[str]) -> None:
    """Prints a line for each guard, and how many there were."""
    chosen = [guard for guard in GUARDS if not rows or {row.upper() for row in rows} & {*guard.rows.split()}]
    if not chosen:
        sys.exit(f"No guard has the row {' or '.join(rows)}.")
    at_once = min(pytest_xdist_auto_num_workers(), len(chosen))
    with Copies.made(at_once) as copies, ThreadPoolExecutor(at_once) as pool:
        tests = dict.fromkeys(test for guard in chosen for test in guard.tests)
        with copies.one() as copy:
            whole = copy.run(*tests, at_once=at_once)
        if not whole.is_green:
            sys.exit(f"With every guard in place, not every test is green:\n{whole.failure or whole.fault}")
        say(f"With every guard in place, {whole.tests} tests are green ({whole.seconds:.0f} s).\n")
        say(line("row", "guard", "test", "without it"))
        held = []
        for guard, run in zip(chosen, pool.map(copies.tried, chosen), strict=True):
            say(line(guard.rows, guard.what, " ".join(map(short, guard.tests)), said_of(run)))
            held.append(run.is_red)
    say(f"\n{sum(held)} of {len(held)} guards were missed when they were taken out.")
    sys.exit(not all(held))


def said_of(run: Run) -> str:
    """How it went, in a few words."""
    if run.is_red:
        return f"red in {run.seconds:.0f} s"
    if run.is_green:
        return "STAYED GREEN"
    (first, *_) = (run.failure or run.fault or "no test ran").splitlines()
    return f"BROKE OFF: {first}"


def short(test: str) -> str:
    """A test without the way to its file."""
    return test.rpartition("/")[2]


def line(row: str, guard: str, test: str, outcome: str) -> str:
    """One of the table."""
    return f"{row:<8} {guard:<60} {test:<90} {outcome}"


def say(text: str) -> None:
    """At once, as it takes long."""
    print(text, flush=True)  # noqa: T201 - what is asked for


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.guards", description=__doc__)
    parser.add_argument(
        "rows", nargs="*", metavar="ROW", help="of the catalogue, such as M13; all, without one"
    )
    main(parser.parse_args().rows)
