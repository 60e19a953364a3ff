"""What one process publishes, gathered when it is asked for."""

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
from processing.counts import IntakeCounts


@dataclass(eq=False)
class ServiceCollector(Collector):
    """Reads what the rooms have counted.

    Attributes:
        backlog: As it was read last; None leaves it out.
    """

    version: str
    executor: Executor
    fanout: Fanout
    open_sockets: Callable[[], int]
    intake: IntakeCounts
    deliveries: DeliveryCounts
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
        if self.backlog:
            yield from families.backlog(self.backlog)


def registry(service: ServiceCollector) -> CollectorRegistry:
    """A registry of our own: the service, and what Python and Linux know of the process."""
    made = CollectorRegistry()
    made.register(service)
    ProcessCollector(registry=made)
    GCCollector(registry=made)
    return made
