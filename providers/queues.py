"""The queue, as the settings describe it."""

# ruff: noqa: PLC0415 - an adapter is imported where it is opened

from __future__ import annotations

import asyncio

import structlog

from errors import ConfigurationError, QueueError, QueueRefusedError
from processing.queue.base import WorkQueue
from settings import Settings

ANSWER_SECONDS = 5.0

log = structlog.get_logger()


async def open_queue(settings: Settings) -> WorkQueue:
    """The queue that `QUEUE` chooses. One that does not answer now is no reason not to start: published work waits.

    Raises:
        ConfigurationError: It can never answer, as it is set up.
    """
    queue = make_queue(settings)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await queue.check()
    except QueueRefusedError as error:
        raise ConfigurationError(unusable(settings, error)) from error
    except (QueueError, TimeoutError) as error:
        log.warning("the queue does not answer; work waits", queue=queue.kind, reason=str(error))
    return queue


def make_queue(settings: Settings) -> WorkQueue:
    """The same, unasked.

    Raises:
        ConfigurationError: A setting that it needs is missing.
    """
    if settings.queue == "mongo":
        from processing.queue.mongo import MongoQueue

        return MongoQueue()
    from processing.queue.kafka import Access, KafkaQueue, Topics

    if not settings.kafka_bootstrap_servers:
        raise ConfigurationError(
            "KAFKA_BOOTSTRAP_SERVERS: found nothing, wanted Kafka's brokers, which QUEUE=kafka needs"
        )
    username, password = settings.kafka_sasl_username, settings.kafka_sasl_password
    if username and not password:
        raise ConfigurationError("KAFKA_SASL_PASSWORD: found nothing, wanted that of KAFKA_SASL_USERNAME")
    if password and not username:
        raise ConfigurationError("KAFKA_SASL_USERNAME: found nothing, wanted whose KAFKA_SASL_PASSWORD is")
    secret = password.get_secret_value() if password else None
    return KafkaQueue(
        Access(settings.kafka_bootstrap_servers, username, secret),
        Topics(settings.kafka_topic_prefix, settings.kafka_partitions),
    )


def unusable(settings: Settings, error: QueueError) -> str:
    """The line on the setting that is probably wrong."""
    if isinstance(error, QueueRefusedError):
        return f"KAFKA_SASL_USERNAME: found one that Kafka turns away ({error})"
    found = ",".join(settings.kafka_bootstrap_servers)
    return f"KAFKA_BOOTSTRAP_SERVERS: found {found}, where no Kafka answers ({error})"
