"""The worker process: develops images, works on batches, purges bytes and keeps house until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from anyio import CapacityLimiter

import failpoints
import logs
import providers
import resources
import stopping
from models.work import Topic
from processing import decoding, quota
from processing.attended import Attendance
from processing.batches.adorn import AdornImage
from processing.batches.conclude import ConcludeBatch
from processing.batches.controls import DISPATCH
from processing.batches.dealing import COMPRESS
from processing.batches.deletion import DELETE_BATCH, DeleteBatch
from processing.batches.dispatch import DispatchBatch, Dispatcher
from processing.batches.expand import EXPAND, ExpandBatch
from processing.batches.keeping import Keeping
from processing.batches.ledger import CONCLUDE
from processing.batches.mending import Mender
from processing.batches.outcomes import ADORN, Outcomes
from processing.batches.unit import CompressUnit
from processing.codec.base import Codec
from processing.codec.nursery import Nursery
from processing.codec.pool import ENGINE, Pool
from processing.housekeeping import Housekeeping
from processing.item import DevelopImage
from processing.lanes import Lanes, Occupation
from processing.leftovers import DELETE_LEFTOVER, DeleteLeftover
from processing.probe import Limits
from processing.purge import PURGE_ACCOUNT, PURGE_IMAGE, PurgeAccount, PurgeImage
from processing.register import DEVELOP
from processing.runner import Aside, Handler, Runner
from processing.webhooks.announce import ANNOUNCE, Announcer, SendAnnouncement
from resolvers import announcements
from resources import Resources
from settings import Settings

LANES_PER_PROCESSOR = 4
"""Units of batches: one is compressed while others are fetched, stored and ended."""

ASIDE_PER_LANE = 4
"""Units that wait for their turn at a host: so many as two owners have handed out, all of whose images are there."""

EXPANSIONS_AT_ONCE = 4
REST_SECONDS = 0.5
"""So long there is nothing to do before what is not urgent is done: between two units of a batch there is less."""

SUBJECTS = {
    **dict.fromkeys((DEVELOP, ADORN, PURGE_IMAGE), "image"),
    **dict.fromkeys((EXPAND, DISPATCH, CONCLUDE, DELETE_BATCH), "batch"),
    COMPRESS: "unit",
    ANNOUNCE: "announcement",
    DELETE_LEFTOVER: "leftover",
    PURGE_ACCOUNT: "user",
}
"""What the subject of each kind of work is, in the log's words."""


async def main(settings: Settings) -> None:
    """Works until SIGTERM or SIGINT; items in hand then have SHUTDOWN_GRACE_SECONDS to end. Soon after, the process is gone.

    Raises:
        ConfigurationError: A setting is wrong.
    """
    logs.configure(as_json=settings.environment == "production")
    failpoints.arm(failpoints.parsed(settings.failpoints))
    opened = await resources.open_all(settings)
    async with AsyncExitStack() as open_until_the_end:
        open_until_the_end.push_async_callback(opened.close)
        codecs = _codecs(settings)
        for pool in (codecs.of_batches, codecs.of_originals):
            open_until_the_end.push_async_callback(pool.close)
        await codecs.nursery.prepare()
        attendance = await _attendance(settings, opened, open_until_the_end)
        crew = _crew(settings, opened, codecs, attendance)
        _stop_on_signal(crew.runners, settings.shutdown_grace_seconds)
        if settings.worker_metrics_port:
            from server import beside  # noqa: PLC0415 - a worker that nobody asks needs no server

            answering = beside.answering(settings, opened, attendance.counts)
            await open_until_the_end.enter_async_context(answering)
        for background in crew.background:
            background.start()
            open_until_the_end.push_async_callback(background.close)
        await asyncio.gather(*(runner.run(settings.shutdown_grace_seconds) for runner in crew.runners))


@dataclass(frozen=True)
class Codecs:
    """What makes images of batches smaller, and what develops originals: an upload waits for no batch."""

    nursery: Nursery
    of_batches: Pool
    of_originals: Pool


def _codecs(settings: Settings) -> Codecs:
    children, limits, nursery = settings.worker_concurrency, _limits(settings), Nursery(ENGINE)
    return Codecs(
        nursery,
        of_batches=Pool(children, limits, nursery=nursery),
        of_originals=Pool(children, limits, decoding.BOUNDS, nursery=nursery),
    )


@dataclass(frozen=True)
class Crew:
    """Who works on each topic, and who hands out the units of batches and keeps house meanwhile."""

    runners: list[Runner]
    background: tuple[Dispatcher, Housekeeping]


async def _attendance(
    settings: Settings, opened: Resources, open_until_the_end: AsyncExitStack
) -> Attendance:
    """Who is told of each attempt; a collector of traces, too, if there is one."""
    if settings.otel_exporter_otlp_endpoint is None:
        return Attendance(SUBJECTS)
    from telemetry import spans  # noqa: PLC0415 - without a collector there is nothing to load

    sent = spans.sent(settings.otel_exporter_otlp_endpoint, "darkroom-worker", opened.storages.counts)
    begun = await open_until_the_end.enter_async_context(sent)
    return Attendance(SUBJECTS, around=begun.attempt)


def _crew(settings: Settings, opened: Resources, codecs: Codecs, attendance: Attendance) -> Crew:
    processors, queue = settings.worker_concurrency, opened.queue
    threads, occupation = CapacityLimiter(processors), Occupation(REST_SECONDS)
    uploads = Lanes(processors, EXPANSIONS_AT_ONCE)
    units = Lanes(LANES_PER_PROCESSOR * processors, ASIDE_PER_LANE * LANES_PER_PROCESSOR * processors)
    dispatcher = Dispatcher(queue, units.at_once)
    outcomes = Outcomes(queue, dispatcher.window, dispatcher.wake, attendance.counts)
    handlers = _handlers(settings, opened, codecs.of_originals) | {
        EXPAND: Aside(ExpandBatch(opened.storages, queue, dispatcher.wake), uploads),
        DISPATCH: DispatchBatch(dispatcher),
    }
    compressing = _compressing(settings, opened, codecs.of_batches, outcomes, threads, units)
    adorning = AdornImage(opened.storages, queue, codecs.of_originals)
    runners = [
        Runner(queue, Topic.UPLOADS, attendance.of(handlers), uploads, occupation=occupation),
        Runner(queue, Topic.BATCHES, attendance.of({COMPRESS: compressing}), units, occupation=occupation),
        Runner(queue, Topic.LATER, attendance.of({ADORN: adorning}), processors, gives_way_to=occupation),
    ]
    mender, trash_ttl = Mender(outcomes), timedelta(days=settings.trash_ttl_days)
    return Crew(runners, (dispatcher, Housekeeping(queue, mender.hand_out_again, trash_ttl=trash_ttl)))


def _handlers(settings: Settings, opened: Resources, codec: Codec) -> dict[str, Handler]:
    return {
        DEVELOP: DevelopImage(opened.storages, opened.queue, codec),
        DELETE_LEFTOVER: DeleteLeftover(opened.storages),
        PURGE_IMAGE: PurgeImage(opened.storages),
        PURGE_ACCOUNT: PurgeAccount(opened.storages),
        DELETE_BATCH: DeleteBatch(opened.queue),
        CONCLUDE: ConcludeBatch(
            Announcer(opened.queue, partial(announcements.body, signer=providers.open_signer(settings)))
        ),
        ANNOUNCE: SendAnnouncement(opened.queue, providers.open_poster(settings)),
    }


def _compressing(
    settings: Settings,
    opened: Resources,
    pool: Pool,
    outcomes: Outcomes,
    threads: CapacityLimiter,
    lanes: Lanes,
) -> CompressUnit:
    room = quota.limited_to(settings.quota_bytes)
    keeping = Keeping(opened.storages, room, outcomes, opened.queue, lanes.aside)
    fetcher = providers.open_fetcher(settings)
    return CompressUnit(fetcher, pool, _limits(settings), keeping, outcomes, threads, lanes.aside)


def _limits(settings: Settings) -> Limits:
    return Limits(settings.max_pixels, settings.max_frames)


def _stop_on_signal(runners: Iterable[Runner], grace_seconds: int) -> None:
    def stop() -> None:
        stopping.begin(grace_seconds)
        for runner in runners:
            runner.stop()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
