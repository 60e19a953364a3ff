"""What a process publishes, gathered when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, GCCollector, Metric, ProcessCollector
from prometheus_client.registry import Collector

from delivery.counts import DeliveryCounts
from engine.executor import Executor
from engine.sharing import Fanout
from metrics import families
from models.backlog import Backlog
from processing.counts import IntakeCounts, WorkCounts
from storage.counts import StorageCounts


@dataclass(eq=False)
class ServiceCollector(Collector):
    """Reads what the rooms of an API process have counted.

    Attributes:
        backlog: As it was read last; None leaves it out.
    """

    version: str
    executor: Executor
    fanout: Fanout
    open_sockets: Callable[[], int]
    intake: IntakeCounts
    deliveries: DeliveryCounts
    storage: StorageCounts
    backlog: Backlog | None = None

    def collect(self) -> Iterator[Metric]:
        """Everything there is, now."""
        yield from families.build(self.version)
        yield from families.operations(self.executor.counts)
        yield from families.documents(self.executor.documents)
        if self.executor.plans:
            yield from families.plans(self.executor.plans)
        yield from families.subscriptions(self.fanout)
        yield from families.sockets(self.open_sockets())
        yield from families.intake(self.intake)
        yield from families.deliveries(self.deliveries)
        yield from families.storage(self.storage)
        if self.backlog:
            yield from families.backlog(self.backlog)


@dataclass(eq=False)
class WorkerCollector(Collector):
    """Reads what the rooms of a worker process have counted. The queue is what the API processes tell of."""

    version: str
    work: WorkCounts
    storage: StorageCounts

    def collect(self) -> Iterator[Metric]:
        """Everything there is, now."""
        yield from families.build(self.version)
        yield from families.work(self.work)
        yield from families.storage(self.storage)


def registry(process: Collector) -> CollectorRegistry:
    """A registry of our own: the service, and what Python and Linux know of the process."""
    made = CollectorRegistry()
    made.register(process)
    ProcessCollector(registry=made)
    GCCollector(registry=made)
    return made
