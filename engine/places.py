"""How many sockets and event streams one sender may have open at once: nobody takes all that there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from engine.host import Principal
from errors import TooManyStreamsError

STREAMS_PER_SENDER = 2_000


class Places:
    """Those of one process. Who is not signed in is known by their address.

    Args:
        most: For each sender.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: Counter[Hashable] = Counter()

    @contextmanager
    def taken(self, principal: Principal | None, client_address: str | None) -> Iterator[None]:
        """One more, until the end of the block.

        Raises:
            TooManyStreamsError: There is none left.
        """
        sender = ("viewer", principal.id) if principal else ("address", client_address)
        if self._taken[sender] >= self._most:
            raise TooManyStreamsError(self._most)
        self._taken[sender] += 1
        try:
            yield
        finally:
            self._taken[sender] -= 1
            if not self._taken[sender]:
                del self._taken[sender]
