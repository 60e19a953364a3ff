"""An S3 that is there, behind a way on which it seems not to be, for a while."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from storage import keys
from storage.s3 import S3Storage
from tests import s3
from tests.faults.proxy import Proxy, only, resets_halfway, slow
from tests.storage.faulty_s3 import Fault, Granted, loses_the_answer, refuses

SPELL_SECONDS: Final = 3
"""Longer than all attempts of a hasty service at one request, unless it is answered."""


async def loses_our_answers(request: web.Request, granted: Granted) -> web.StreamResponse:
    """A client that puts staged bytes itself learns of a refusal that they are there; only our processes go astray."""
    is_a_clients = f"/{keys.STAGED}/" in request.path
    return await (granted() if is_a_clients else loses_the_answer(request, granted))


SPELLS: Final[Mapping[str, Fault]] = {
    "refuses": refuses(503, "SlowDown"),
    "resets": only("PUT", resets_halfway),
    "is silent": slow(10 * SPELL_SECONDS),
    "loses answers": loses_our_answers,
}
AWAY: Final = "is away"


class Provider:
    """What the service has for S3. `storage` goes to the server itself, past all that goes wrong."""

    names = (*SPELLS, AWAY)
    never_reached = frozenset({"staged.received"})
    """Steps that no process comes to: clients put staged bytes there themselves."""

    def __init__(self, server: s3.Server, proxy: Proxy) -> None:
        self._server = server
        self._proxy = proxy

    @classmethod
    @asynccontextmanager
    async def running(cls) -> AsyncIterator[Provider]:
        """Until the end of the block."""
        with s3.moto_alone() as server:
            async with Proxy.before(server.url) as proxy:
                yield cls(server, proxy)

    @property
    def settings(self) -> dict[str, str]:
        """The environment variables of a service that keeps everything there."""
        return {"STORAGE": "s3", **s3.Server(self._proxy.url).settings()}

    def storage(self) -> S3Storage:
        """What is really there."""
        return self._server.storage()

    async def misbehave(self, name: str) -> None:
        """Does so for a while."""
        try:
            await (self._proxy.down() if name == AWAY else self._proxy.do(SPELLS[name]))
            await asyncio.sleep(SPELL_SECONDS)
        finally:
            await self._proxy.up()
