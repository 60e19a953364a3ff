"""Darkroom as it is, but a password costs milliseconds: `python -m tests.thrifty` is `darkroom`.

A run of the tests signs up thousands of people; at a fifth of a second each, that would be a quarter of its work. What a
password costs as it is, `tests/test_auth.py` and `tests/hostile/auth/test_enumeration.py` hold.
"""

from __future__ import annotations

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

import cli

MEMORY_KIB = 4_096


def main() -> None:
    """What `darkroom` does."""
    cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=MEMORY_KIB, parallelism=1),))
    PasswordHash.recommended = lambda: cheap
    cli.main()


if __name__ == "__main__":
    main()
