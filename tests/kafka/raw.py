"""Kafka as others may use it: messages that we did not write, offsets that somebody moved."""

from __future__ import annotations

import contextlib

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient


async def send(broker, topic, *values):
    """Sends values to the first partition."""
    producer = AIOKafkaProducer(bootstrap_servers=broker.server)
    await producer.start()
    for value in values:
        await producer.send_and_wait(topic, value, key=b"key", partition=0)
    await producer.stop()


async def read(broker, topic):
    """Everything that a topic of one partition holds."""
    async with _reading(broker, None) as consumer:
        place = TopicPartition(topic, 0)
        consumer.assign([place])
        end = (await consumer.end_offsets([place]))[place]
        await consumer.seek_to_beginning(place)
        return [(await consumer.getone()).value for _ in range(end)]


async def rewind(broker, group, topic):
    """Moves a group that nobody is in back to where its topic begins; from where each partition was saved."""
    async with _reading(broker, group) as consumer:
        places = [TopicPartition(topic, number) for number in await partitions(broker, topic)]
        consumer.assign(places)
        saved = [await consumer.committed(place) for place in places]
        if places:  # the topic may be yet to be made
            await consumer.commit(dict.fromkeys(places, 0))
        return saved


async def partitions(broker, topic):
    """The numbers of a topic's partitions."""
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.server)
    await admin.start()
    (found,) = await admin.describe_topics([topic])
    await admin.close()
    return sorted(partition["partition"] for partition in found["partitions"])


@contextlib.asynccontextmanager
async def _reading(broker, group):
    consumer = AIOKafkaConsumer(
        bootstrap_servers=broker.server,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()
