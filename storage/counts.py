"""What storage was asked since the process began, in plain numbers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field

from durations import Durations
from errors import ObjectNotFoundError, StorageError

Asked = tuple[str, str]
"""The kind of an adapter, and what it was asked to do."""


@dataclass
class StorageCounts:
    """Calls to all adapters.

    Attributes:
        durations: Of what was done: of `put` the part that is storage's own, of `get` until the first bytes.
        errors: How often storage has failed. That there is no such object is an answer.
        around: What else is to be around each call.
    """

    durations: defaultdict[Asked, Durations] = field(default_factory=lambda: defaultdict(Durations))
    errors: Counter[Asked] = field(default_factory=Counter)
    around: Callable[[Asked], AbstractContextManager[None]] = lambda _: nullcontext()

    @contextmanager
    def failures(self, asked: Asked) -> Iterator[None]:
        """Counts a fault of storage's that ends the block."""
        try:
            with self.around(asked):
                yield
        except ObjectNotFoundError:
            raise
        except StorageError:
            self.errors[asked] += 1
            raise
