"""What is published, room by room: each function names its metrics and reads their present values.

A new metric is a function here, a line in `metrics/collector.py` and a row in `docs/metrics.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import TypeVar

from prometheus_client import Metric
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)

from delivery.counts import DeliveryCounts
from durations import BOUNDS_SECONDS, Durations
from engine.counts import Counts
from engine.documents import Documents
from engine.plans import Plans
from engine.sharing import Fanout
from models.backlog import Backlog
from processing.counts import IntakeCounts, WorkCounts
from storage.counts import StorageCounts

Labels = TypeVar("Labels", bound=tuple[str, ...])
LABEL_OF_ALL = "+Inf"
OUTCOMES = ("ok", "errors", "refused")


def build(version: str) -> Iterator[Metric]:
    """Which program this is."""
    yield InfoMetricFamily("darkroom_build", "Which version runs.", {"version": version})


def operations(counts: Counts) -> Iterator[Metric]:
    """GraphQL operations."""
    types = {
        "query": counts.queries,
        "mutation": counts.mutations,
        "subscription": counts.subscriptions,
        "unknown": counts.unknown,
    }
    yield _counter(
        "darkroom_operations",
        "Operations by type and outcome: `ok`, `errors` (some field failed), `refused` (nothing was executed).",
        ("type", "outcome"),
        {(name, outcome): getattr(found, outcome) for name, found in types.items() for outcome in OUTCOMES},
    )
    yield _histogram(
        "darkroom_operation_duration_seconds",
        "How long queries and mutations ran, from the prepared document to the finished answer.",
        ("type",),
        {(name,): types[name].durations for name in ("query", "mutation")},
    )
    yield _counter(
        "darkroom_operation_errors",
        "Errors in answers, by the `extensions.code` that the client was given.",
        ("code",),
        {(code,): count for code, count in counts.codes.items()},
    )


def subscriptions(fanout: Fanout) -> Iterator[Metric]:
    """Subscriptions, over both transports."""
    yield _gauge(
        "darkroom_subscriptions", "Subscriptions that are running, over both transports.", fanout.members
    )
    yield _gauge(
        "darkroom_subscription_groups",
        "Groups of them that ask and see the same, and share each execution.",
        fanout.groups,
    )
    yield _counter(
        "darkroom_subscription_events",
        "Events that were executed, once for a group.",
        (),
        {(): fanout.executed},
    )
    yield _counter(
        "darkroom_subscription_answers",
        "Answers that were sent for them, one to each subscription.",
        (),
        {(): fanout.delivered},
    )
    yield _counter(
        "darkroom_clients_dropped",
        "Clients that were let go because they did not read.",
        (),
        {(): fanout.dropped},
    )


def documents(kept: Documents) -> Iterator[Metric]:
    """What is remembered of documents."""
    yield _gauge("darkroom_documents", "Documents that are remembered, parsed and validated.", kept.count)


def plans(found: Plans) -> Iterator[Metric]:
    """Compiled operations."""
    yield _counter("darkroom_plans_compiled", "Plans that were written.", (), {(): found.compiled})
    yield _counter(
        "darkroom_plan_departures",
        "Executions that met what their plan does not foresee, and were completed by graphql-core.",
        (),
        {(): found.departures},
    )
    yield _counter(
        "darkroom_plans_unsupported",
        "Operations that graphql-core runs, by the reason.",
        ("reason",),
        {(reason,): count for reason, count in found.unsupported.items()},
    )


def sockets(open_count: int) -> Iterator[Metric]:
    """WebSockets."""
    yield _gauge("darkroom_sockets", "WebSockets that are open.", open_count)


def intake(counts: IntakeCounts) -> Iterator[Metric]:
    """Files that came in."""
    yield _counter(
        "darkroom_uploads",
        "Files taken in, of all ways in: `kept` as a new image, `duplicate`, or `replaced` another original.",
        ("outcome",),
        {("kept",): counts.kept, ("duplicate",): counts.duplicates, ("replaced",): counts.replaced},
    )
    yield _counter("darkroom_upload_bytes", "The bytes of these files.", (), {(): counts.size_bytes})
    yield _counter(
        "darkroom_upload_refusals",
        "Files of which nothing was kept, by the name of the error.",
        ("reason",),
        {(reason,): count for reason, count in counts.refused.items()},
    )


def deliveries(counts: DeliveryCounts) -> Iterator[Metric]:
    """Pictures that went out."""
    yield _counter(
        "darkroom_deliveries",
        "Answers to requests for images, by status: 200, 206 for a range, 304, 302 for a redirect, or why not.",
        ("status",),
        {(str(status),): count for status, count in counts.statuses.items()},
    )
    yield _counter(
        "darkroom_delivered_bytes",
        "The bytes of these answers, as they were announced.",
        (),
        {(): counts.size_bytes},
    )


def storage(counts: StorageCounts) -> Iterator[Metric]:
    """What storage was asked."""
    labels = ("storage", "operation")
    yield _histogram(
        "darkroom_storage_duration_seconds",
        "How long storage took: `put` without waiting for its bytes to come, `get` until the first, `head`, `delete`.",
        labels,
        counts.durations,
    )
    yield _counter(
        "darkroom_storage_errors",
        "How often storage failed, or did not answer. That there is no such object is an answer.",
        labels,
        counts.errors,
    )


def work(counts: WorkCounts) -> Iterator[Metric]:
    """What a worker did."""
    yield _histogram(
        "darkroom_work_duration_seconds",
        "How long attempts at work items took, by the kind of work.",
        ("kind",),
        {(kind,): durations for kind, durations in counts.durations.items()},
    )
    yield _counter(
        "darkroom_work_attempts",
        "Attempts at work items: `done`, `failed` (there may be another), `interrupted` by a stop.",
        ("kind", "outcome"),
        counts.outcomes,
    )
    yield _counter(
        "darkroom_work_given_up",
        "Work items that became dead letters.",
        ("kind",),
        {(kind,): count for kind, count in counts.given_up.items()},
    )
    in_hand = GaugeMetricFamily("darkroom_work_in_hand", "Work items under way.", labels=("kind",))
    for kind, count in counts.in_hand.items():
        in_hand.add_metric((kind,), count)
    yield in_hand
    yield _counter(
        "darkroom_batch_images",
        "Images of batches, by what came of them: `succeeded`, `failed` or `postponed`, and why.",
        ("outcome", "reason"),
        counts.batch_images,
    )


def backlog(found: Backlog) -> Iterator[Metric]:
    """The work queue, which all processes share."""
    items = GaugeMetricFamily(
        "darkroom_work_items",
        "Work items: `ready` to be taken; `later`: leased by a worker, or put off until the next attempt.",
        labels=("topic", "state"),
    )
    lag = GaugeMetricFamily(
        "darkroom_work_oldest_ready_seconds",
        "How long the work item of a topic has waited that has waited longest.",
        labels=("topic",),
    )
    for topic, line in found.lines.items():
        items.add_metric((topic, "ready"), line.ready)
        items.add_metric((topic, "later"), line.later)
        lag.add_metric((topic,), line.oldest_ready_seconds)
    yield items
    yield lag
    yield _gauge("darkroom_dead_letters", "Work items that no attempt could finish.", found.dead_letters)


def _counter(
    name: str, meaning: str, labels: Iterable[str], values: Mapping[Labels, float]
) -> CounterMetricFamily:
    family = CounterMetricFamily(name, meaning, labels=tuple(labels))
    for label_values, value in values.items():
        family.add_metric(label_values, value)
    return family


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value=value)


def _histogram(
    name: str, meaning: str, labels: Iterable[str], values: Mapping[Labels, Durations]
) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, meaning, labels=tuple(labels))
    bounds = [*map(str, BOUNDS_SECONDS), LABEL_OF_ALL]
    for label_values, durations in values.items():
        counted = list(zip(bounds, accumulate(durations.buckets), strict=True))
        family.add_metric(label_values, counted, durations.sum_seconds)
    return family
