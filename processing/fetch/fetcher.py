"""The guarded download."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from yarl import URL

from errors import FetchFailedError, FileTooLargeError, InvalidInputError
from processing.fetch import naming
from processing.fetch.fault import OK, answered, broken_off
from processing.fetch.refusal import RefusedError
from processing.fetch.resolving import Guard, Resolver
from processing.fetch.target import Target
from processing.fetch.turns import Aside, Turns

if TYPE_CHECKING:  # who fetches nothing carries no client
    import aiohttp

MAX_REDIRECTS = 5
REDIRECTS = {301, 302, 303, 307, 308}
log = structlog.get_logger()


@dataclass(frozen=True)
class FetchLimits:
    """How much of anybody's time and bytes a fetch may take.

    Attributes:
        max_bytes: The most bytes of a body.
        per_host: How many fetches from one host there may be at once.
        total_seconds: From the first look-up to the last byte, the wait for other fetches from the host included.
        silence_seconds: How long a host may take to begin an answer, and to go on with it.
    """

    max_bytes: int
    per_host: int = 4
    total_seconds: float = 60.0
    silence_seconds: float = 10.0


@dataclass(frozen=True)
class Fetched:
    """A file that is being fetched; `pieces` is read once, inside the block that opened it."""

    filename: str
    pieces: AsyncGenerator[bytes | memoryview, None]


class Fetcher:
    """Fetches from public hosts and from the private origins that the operator names. One for a process.

    Every failure is the same `FetchFailedError`, whatever was refused, filtered, closed or silent; the log says why, and
    so does `Fault` to callers inside.

    Args:
        limits: How much a fetch may take.
        resolver: Where names are looked up. What it answers is checked, whoever it is.
        private_origins: Hosts and ports that may have private addresses.
    """

    def __init__(
        self, limits: FetchLimits, resolver: Resolver, private_origins: Collection[tuple[str, int]] = ()
    ) -> None:
        self._limits = limits
        self._guard = Guard(resolver, private_origins)
        self._hosts = Turns(limits.per_host)
        self._tls = ssl.create_default_context()

    @asynccontextmanager
    async def open(self, target: Target, aside: Aside | None = None) -> AsyncIterator[Fetched]:
        """Begins a fetch: the answer is there, its body is not read yet. It ends with the block.

        Redirects are followed, except from https to http. With `aside`, the wait for other fetches from the host takes
        none of the fetch's own time, and is spent inside of it.

        Raises:
            FetchFailedError: There is no such file to be had, or it cannot be had from here. `pieces` raises it too.
            FileTooLargeError: The file has more than `max_bytes`. `pieces` raises it too.
        """
        clock = _Clock(self._limits, aside)
        async with AsyncExitStack() as stack:
            with generic(target):
                last, response = await self._answer(target, clock, stack)
            pieces = self._pieces(target, response, clock)
            name = naming.filename(response.headers.get("Content-Disposition"), last.path)
            yield Fetched(name, pieces)

    async def _answer(
        self, target: Target, clock: _Clock, stack: AsyncExitStack
    ) -> tuple[Target, aiohttp.ClientResponse]:
        """The first answer that is no redirect, and whose it is. Each hop is checked as the first one was."""
        for _ in range(1 + MAX_REDIRECTS):
            async with AsyncExitStack() as hop:
                response = await self._ask(target, clock, hop)
                if response.status not in REDIRECTS:
                    self._require_file(response)
                    stack.push_async_exit(hop.pop_all())
                    return target, response
                target = _next(target, response)
        raise RefusedError("too many redirects")

    async def _ask(self, target: Target, clock: _Clock, hop: AsyncExitStack) -> aiohttp.ClientResponse:
        """The host's answer; connection and turn are kept until the hop ends."""
        from processing.fetch import connecting  # noqa: PLC0415 - as above

        await hop.enter_async_context(self._hosts.turn(target.host, clock.turn_seconds, clock.aside))
        async with clock.patience():
            addresses = await self._guard.addresses(target)
            session = connecting.session(addresses, target.port, self._tls)
            await hop.enter_async_context(session)
            request = session.get(URL(target.url, encoded=True), allow_redirects=False)
            return await hop.enter_async_context(request)

    def _require_file(self, response: aiohttp.ClientResponse) -> None:
        if response.status != OK:
            raise answered(response.status, response.headers.get("Retry-After"))
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise RefusedError("a compressed body")
        if (response.content_length or 0) > self._limits.max_bytes:
            raise FileTooLargeError(self._limits.max_bytes)

    async def _pieces(
        self, target: Target, response: aiohttp.ClientResponse, clock: _Clock
    ) -> AsyncGenerator[bytes | memoryview, None]:
        size_bytes = 0
        while True:
            with generic(target), _to_its_end():
                async with clock.patience():
                    piece = await response.content.readany()
            if not piece:
                return
            size_bytes += len(piece)
            if size_bytes > self._limits.max_bytes:
                raise FileTooLargeError(self._limits.max_bytes)
            yield piece


class _Clock:
    """The time that one fetch has."""

    def __init__(self, limits: FetchLimits, aside: Aside | None) -> None:
        self._now = asyncio.get_running_loop().time
        self._end = self._now() + limits.total_seconds
        self._silence_seconds = limits.silence_seconds
        self._aside = aside

    @property
    def turn_seconds(self) -> float | None:
        """How long may be waited for a turn."""
        return None if self._aside else self._end - self._now()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """For a wait that takes none of the time, if the caller has something better to do meanwhile."""
        if self._aside is None:
            yield
            return
        began = self._now()
        with self._aside():
            yield
        self._end += self._now() - began

    def patience(self) -> asyncio.Timeout:
        """For one step of it."""
        return asyncio.timeout_at(min(self._end, self._now() + self._silence_seconds))


def _next(target: Target, response: aiohttp.ClientResponse) -> Target:
    following = target.following(response.headers.get("Location", ""))
    if (target.scheme, following.scheme) == ("https", "http"):
        raise RefusedError("a redirect from https to http")
    return following


@contextmanager
def generic(target: Target) -> Iterator[None]:
    """Tells the log what went wrong, and the caller only that something did."""
    try:
        yield
    except _failures() as failure:
        reason = f"{type(failure).__name__}: {failure}"
        log.info("not fetched", scheme=target.scheme, host=target.host, port=target.port, reason=reason)
        raise FetchFailedError from failure


@contextmanager
def _to_its_end() -> Iterator[None]:
    """Says of what goes wrong that the answer had begun."""
    try:
        yield
    except _failures() as failure:
        raise broken_off(failure) from failure


def _failures() -> tuple[type[Exception], ...]:
    """What may go wrong with a fetch; a timeout is an OSError."""
    from aiohttp import ClientError  # noqa: PLC0415 - as above

    return RefusedError, InvalidInputError, ClientError, OSError, ValueError
