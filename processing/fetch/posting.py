"""What is sent to addresses that clients choose: guarded as what is fetched from them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Collection, Mapping

from yarl import URL

from processing.fetch.fetcher import generic
from processing.fetch.resolving import Guard, Resolver
from processing.fetch.target import Target
from processing.fetch.turns import Turns

POSTS_PER_HOST = 4
TOTAL_SECONDS = 15.0


class Poster:
    """Posts to public hosts and to the private origins that the operator names. One for a process.

    Args:
        resolver: Where names are looked up. What it answers is checked, whoever it is.
        private_origins: Hosts and ports that may have private addresses.
        total_seconds: From the first look-up to the answer.
    """

    def __init__(
        self,
        resolver: Resolver,
        private_origins: Collection[tuple[str, int]] = (),
        *,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        self._guard = Guard(resolver, private_origins)
        self._hosts = Turns(POSTS_PER_HOST)
        self._total_seconds = total_seconds
        self._tls = ssl.create_default_context()

    async def post(self, target: Target, body: bytes, headers: Mapping[str, str]) -> int:
        """The status of the answer, of which nothing else is read; redirects are not followed.

        Raises:
            FetchFailedError: There is none, or nothing may be sent there.
        """
        with generic(target):
            async with asyncio.timeout(self._total_seconds):
                async with self._hosts.turn(target.host, self._total_seconds):
                    return await self._status(target, body, headers)

    async def _status(self, target: Target, body: bytes, headers: Mapping[str, str]) -> int:
        from processing.fetch import connecting  # noqa: PLC0415 - who posts nothing carries no client

        addresses = await self._guard.addresses(target)
        async with connecting.session(addresses, target.port, self._tls) as session:
            url = URL(target.url, encoded=True)
            async with session.post(url, data=body, headers=headers, allow_redirects=False) as response:
                return response.status
