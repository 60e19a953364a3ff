"""Telling a webhook of the end of a batch: until it has been heard, or for a day.

Each attempt is a work item of its own, whose id follows from its number. So whatever is done twice after a crash counts,
and leads on, once; the receiver may hear a message twice and knows it by its id.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus

import structlog
from beanie import PydanticObjectId
from structlog.contextvars import bind_contextvars

from errors import FetchFailedError, InvalidInputError
from failpoints import failpoint
from models import transactions
from models.announcement import Announcement
from models.batch import Batch, Webhook
from models.transactions import Transaction
from models.webhook_delivery import WebhookDelivery
from processing.batches import ids
from processing.fetch import target
from processing.fetch.posting import Poster
from processing.queue.base import WorkItem, WorkQueue
from processing.webhooks import signatures

ANNOUNCE = "announce"
MINUTE, HOUR = 60.0, 3_600.0
DELAYS_SECONDS = (5.0, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 8 * HOUR, 8 * HOUR)
"""Between the attempts, eight of them in about a day. Source: Standard Webhooks, "Deliverability and reliability"."""

JITTER = 0.2
HEARD = range(200, 300)
MAX_ATTEMPTS = 5

Body = Callable[[Batch], Awaitable[str]]
"""What is said of a batch that has ended."""

log = structlog.get_logger()


class Announcer:
    """Begins to tell webhooks; `body` writes what they are told."""

    def __init__(self, queue: WorkQueue, body: Body) -> None:
        self._queue = queue
        self._body = body

    async def announce(self, batch: Batch) -> None:
        """The end of this round will be told. A repeat changes nothing, even once it was told: images may have changed
        since, and the same message is always in the same words.
        """
        if batch.webhook is None:
            return
        batch_id = PydanticObjectId(batch.id)
        announcement = Announcement(
            id=ids.announcement(batch_id, batch.round),
            owner_id=batch.owner_id,
            batch_id=batch_id,
            body=await self._body(batch),
        )

        async def write(transaction: Transaction) -> None:
            if await WebhookDelivery.was_attempted(batch_id, _message_id(announcement), transaction):
                return
            if await Announcement.add(announcement, transaction):
                await self._queue.publish([_attempt(announcement)], transaction)

        await transactions.run(write)


class SendAnnouncement:
    """One attempt: sends the message, writes down what came of it, and sees to the next one."""

    max_attempts = MAX_ATTEMPTS

    def __init__(self, queue: WorkQueue, poster: Poster) -> None:
        self._queue = queue
        self._poster = poster

    async def run(self, item: WorkItem) -> None:
        """Does nothing for an attempt that was made, or a batch that is gone."""
        announcement = await Announcement.get(item.subject_id)
        if announcement is None or item.id != _attempt(announcement).id:
            return
        bind_contextvars(batch=str(announcement.batch_id))
        batch = await Batch.get(announcement.batch_id)
        if batch is None or batch.webhook is None:
            await transactions.run(lambda transaction: Announcement.forget(item.subject_id, transaction))
            return
        delivery = await self._send(announcement, batch.webhook)
        failpoint("webhook.sent")
        await transactions.run(lambda transaction: self._settle(announcement, delivery, transaction))

    async def give_up(self, item: WorkItem) -> None:
        """The attempt died each time: nothing more is sent, and the log says so."""
        log.error("a webhook was not told", announcement=str(item.subject_id))
        await transactions.run(lambda transaction: Announcement.forget(item.subject_id, transaction))

    async def _send(self, announcement: Announcement, webhook: Webhook) -> WebhookDelivery:
        message_id, body, at = _message_id(announcement), announcement.body.encode(), datetime.now(UTC)
        status_code, error = None, None
        try:
            headers = signatures.headers(webhook.secret, message_id, at, body)
            status_code = await self._poster.post(target.parsed(webhook.url), body, headers)
            if status_code not in HEARD:
                error = f"The server answered {status_code}."
        except (FetchFailedError, InvalidInputError) as failure:
            error = str(failure)
        return WebhookDelivery(
            owner_id=announcement.owner_id,
            batch_id=announcement.batch_id,
            message_id=message_id,
            attempted_at=at,
            status_code=status_code,
            succeeded=error is None,
            error=error,
        )

    async def _settle(
        self, announcement: Announcement, delivery: WebhookDelivery, transaction: Transaction
    ) -> None:
        if not await announcement.finish_attempt(transaction):
            return
        await WebhookDelivery.record(delivery, transaction)
        is_unwanted = delivery.status_code == HTTPStatus.GONE
        if delivery.succeeded or is_unwanted or announcement.attempt >= len(DELAYS_SECONDS):
            await Announcement.forget(PydanticObjectId(announcement.id), transaction)
            return
        following = announcement.model_copy(update={"attempt": announcement.attempt + 1})
        delay_seconds = DELAYS_SECONDS[announcement.attempt] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - spreads load, guards nothing
        await self._queue.publish([_attempt(following)], transaction, delay_seconds=delay_seconds)


def _message_id(announcement: Announcement) -> str:
    return f"msg_{announcement.id}"


def _attempt(announcement: Announcement) -> WorkItem:
    announcement_id = PydanticObjectId(announcement.id)
    return WorkItem(
        ANNOUNCE,
        announcement_id,
        announcement.owner_id,
        id=ids.attempt(announcement_id, announcement.attempt),
    )
