"""The queue whose workers are woken by Kafka: for many workers, or where Kafka is there anyway."""

from __future__ import annotations

from processing.queue.kafka.access import Access
from processing.queue.kafka.queue import KafkaQueue
from processing.queue.kafka.topics import Topics

__all__ = ["Access", "KafkaQueue", "Topics"]
