"""The same key, the same answer: of several requests with one key, one does the work and the others wait for it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import secrets
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from beanie import PydanticObjectId

from errors import IdempotencyConflictError, InvalidInputError, LeaseLostError
from failpoints import failpoint
from models.idempotency import IdempotencyKey, KeptAnswer
from models.transactions import Transaction
from processing import cleanup

LONGEST_KEY = 255
LEASE_SECONDS = 15.0
HEARTBEAT_SECONDS = 5.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.02, 0.5

log = structlog.get_logger()


@dataclass(frozen=True)
class KeyedInput:
    """A key, whose and for what it is, and the input that came with it, all but its files.

    Raises:
        InvalidInputError: The key is empty or too long.
    """

    viewer_id: PydanticObjectId
    mutation: str
    key: str
    plain_fields: Mapping[str, object]

    def __post_init__(self) -> None:
        if not 1 <= len(self.key) <= LONGEST_KEY:
            raise InvalidInputError(
                f"An idempotency key has 1 to {LONGEST_KEY} characters.", "idempotencyKey"
            )

    @property
    def key_id(self) -> str:
        """The same for the same viewer, mutation and key, and for nothing else."""
        return _digest([str(self.viewer_id), self.mutation, self.key])

    @property
    def plain_digest(self) -> str:
        """The same for the same plain fields, in whatever order."""
        return _digest(dict(self.plain_fields))


@dataclass(frozen=True)
class Kept:
    """What the first success with this key answered."""

    answer: dict[str, Any]
    checksum_sha256: str | None

    async def replay(self, pieces: AsyncGenerator[bytes | memoryview, None]) -> dict[str, Any]:
        """The answer, once the file has turned out to be the same. It is read to its end and kept nowhere.

        Raises:
            IdempotencyConflictError: It is another file.
        """
        checksum = hashlib.sha256()
        async with aclosing(pieces):
            async for piece in pieces:
                checksum.update(piece)
        if checksum.hexdigest() != self.checksum_sha256:
            raise IdempotencyConflictError
        return self.answer


class Keeper(Protocol):
    """Keeps the answer to what was done."""

    async def keep(
        self, checksum_sha256: str | None, answer: dict[str, Any], transaction: Transaction
    ) -> None:
        """Keeps it if and when the transaction is committed; whatever it raises ends the transaction."""
        ...


class Hold:
    """The key is this request's, to do the work once."""

    def __init__(self, key_id: str, lease: str, plain_digest: str) -> None:
        self._key_id = key_id
        self._lease = lease
        self._plain_digest = plain_digest

    async def keep(
        self, checksum_sha256: str | None, answer: dict[str, Any], transaction: Transaction
    ) -> None:
        """Keeps the answer if and when the transaction is committed. Call it in the one that does the work.

        Raises:
            LeaseLostError: Somebody else may be doing the work; let it end the transaction.
        """
        kept = KeptAnswer(plain_digest=self._plain_digest, checksum_sha256=checksum_sha256, answer=answer)
        if not await IdempotencyKey.keep(self._key_id, self._lease, kept, transaction):
            raise LeaseLostError


class IdempotencyKeys:
    """Hands out keys, and wakes those of this process that wait for one."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)

    @asynccontextmanager
    async def held(self, keyed: KeyedInput, position: int | None = None) -> AsyncIterator[Hold | Kept]:
        """Waits for whoever has the key; then what they answered, or a hold if they were refused or died.

        A hold lasts as long as the block. Unless an answer was kept, the key is free again behind it.

        Args:
            keyed: What was asked.
            position: Which file of several it is about; they are keys of their own.

        Raises:
            IdempotencyConflictError: The key's answer is to other plain fields. Nothing needs to be read to tell.
        """
        key_id = IdempotencyKey.id_at(keyed.key_id, position)
        lease = secrets.token_hex(8)
        kept = await self._claim(key_id, lease)
        if kept:
            yield _checked(keyed, kept)
            return
        heartbeat = asyncio.create_task(_beat(key_id, lease))
        try:
            failpoint("ingest.claimed")
            yield Hold(key_id, lease, keyed.plain_digest)
        finally:
            heartbeat.cancel()
            await cleanup.to_the_end(self._release(key_id, lease), "an idempotency key")

    async def kept_at_positions(self, keyed: KeyedInput) -> dict[int, Kept]:
        """What the first request with this key answered for each of its files, as far as it was a success.

        Raises:
            IdempotencyConflictError: The answers are to other plain fields.
        """
        found = await IdempotencyKey.kept_at_positions(keyed.key_id)
        return {position: _checked(keyed, kept) for position, kept in found.items()}

    async def _claim(self, key_id: str, lease: str) -> KeptAnswer | None:
        """Takes the key as soon as it is free, unless an answer comes first."""
        pause_seconds = FIRST_PAUSE_SECONDS
        with self._listening(key_id) as news:
            while True:
                news.clear()
                found = await self._try_claim(key_id, lease)
                if found.lease == lease or found.kept:
                    return found.kept
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause_seconds):
                        await news.wait()
                pause_seconds = min(2 * pause_seconds, LONGEST_PAUSE_SECONDS)

    async def _try_claim(self, key_id: str, lease: str) -> IdempotencyKey:
        """The key, perhaps taken; a caller that is cancelled meanwhile has taken nothing."""
        claiming = asyncio.create_task(IdempotencyKey.claim(key_id, lease, LEASE_SECONDS))
        try:
            return await asyncio.shield(claiming)
        except asyncio.CancelledError:
            await cleanup.to_the_end(self._unclaim(claiming, key_id, lease), "an idempotency key")
            raise

    async def _unclaim(self, claiming: asyncio.Task[IdempotencyKey], key_id: str, lease: str) -> None:
        await asyncio.wait({claiming})
        await self._release(key_id, lease)

    async def _release(self, key_id: str, lease: str) -> None:
        try:
            await IdempotencyKey.release(key_id, lease)
        finally:
            for news in self._waiting.get(key_id, ()):
                news.set()

    @contextmanager
    def _listening(self, key_id: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever somebody in this process lets go of the key."""
        news = asyncio.Event()
        self._waiting[key_id].add(news)
        try:
            yield news
        finally:
            self._waiting[key_id].discard(news)
            if not self._waiting[key_id]:
                del self._waiting[key_id]


async def _beat(key_id: str, lease: str) -> None:
    """Holds on to the key, until it is lost or an answer is kept."""
    held = True
    while held:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        try:
            held = await IdempotencyKey.extend(key_id, lease, LEASE_SECONDS)
        except Exception as error:  # noqa: BLE001 - the next beat may get through, and `keep` asks anyway
            log.warning("idempotency key not held on to", reason=str(error))


def _checked(keyed: KeyedInput, kept: KeptAnswer) -> Kept:
    if kept.plain_digest != keyed.plain_digest:
        raise IdempotencyConflictError
    return Kept(kept.answer, kept.checksum_sha256)


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
