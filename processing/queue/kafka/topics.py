"""The topics in Kafka: their names, and that they are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.errors import InvalidPartitionsError, for_code

from models.work import Topic

MOST_REPLICAS = 3
KEPT_MS = 24 * 60 * 60 * 1000  # what was not read within a day was announced again long ago
ALREADY_THERE = {0, 36}


@dataclass(frozen=True)
class Topics:
    """`prefix.uploads` and its like, each of `partitions`, and one for dead letters.

    A consumer group is named after its topic: so many worker processes share a topic as it has partitions.
    """

    prefix: str
    partitions: int

    @property
    def dead_letters(self) -> str:
        """Where the work goes that no attempt could finish."""
        return f"{self.prefix}.dead-letters"

    def of(self, topic: Topic) -> str:
        """Where the topic's items are announced."""
        return f"{self.prefix}.{topic}"

    async def ensure(self, options: dict[str, Any]) -> None:
        """Makes what is missing, and adds partitions where there are fewer; nothing is ever taken away."""
        admin = AIOKafkaAdminClient(**options)
        try:
            await admin.start()
            wanted = {self.of(topic): self.partitions for topic in Topic} | {self.dead_letters: 1}
            found = {
                topic["topic"]: len(topic["partitions"])
                for topic in await admin.describe_topics(list(wanted))
                if topic["error_code"] == 0
            }
            await self._create(admin, {name: count for name, count in wanted.items() if name not in found})
            for name, count in found.items():
                if count < wanted[name]:
                    await _grow(admin, name, wanted[name])
        finally:
            await admin.close()

    async def _create(self, admin: AIOKafkaAdminClient, missing: dict[str, int]) -> None:
        if not missing:
            return
        brokers = (await admin.describe_cluster())["brokers"]
        replicas = min(MOST_REPLICAS, len(brokers))
        answer = await admin.create_topics(
            [
                NewTopic(name, count, replicas, topic_configs=self._configuration(name))
                for name, count in missing.items()
            ]
        )
        for name, code, message in answer.topic_errors:
            if code not in ALREADY_THERE:  # another process may have been first
                raise for_code(code)(f"{name}: {message}")

    def _configuration(self, name: str) -> dict[str, str]:
        return {} if name == self.dead_letters else {"retention.ms": str(KEPT_MS)}


async def _grow(admin: AIOKafkaAdminClient, name: str, count: int) -> None:
    try:
        await admin.create_partitions({name: NewPartitions(count)})
    except InvalidPartitionsError:  # another process was first
        return
