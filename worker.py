"""The worker process: develops images, purges bytes and keeps house until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
from datetime import timedelta

from anyio import CapacityLimiter

import failpoints
import logs
import resources
from models.work import Topic
from processing.housekeeping import Housekeeping
from processing.item import DevelopImage
from processing.leftovers import DELETE_LEFTOVER, DeleteLeftover
from processing.purge import PURGE_ACCOUNT, PURGE_IMAGE, PurgeAccount, PurgeImage
from processing.register import DEVELOP
from processing.runner import Handler, Runner
from settings import Settings


async def main(settings: Settings) -> None:
    """Works until SIGTERM or SIGINT; items in hand then have SHUTDOWN_GRACE_SECONDS to end.

    Raises:
        ConfigurationError: A setting is wrong.
    """
    logs.configure(as_json=settings.environment == "production")
    failpoints.arm(failpoints.parsed(settings.failpoints))
    opened = await resources.open_all(settings)
    try:
        threads = CapacityLimiter(settings.worker_concurrency)
        handlers: dict[str, Handler] = {
            DEVELOP: DevelopImage(opened.storages, opened.queue, threads),
            DELETE_LEFTOVER: DeleteLeftover(opened.storages),
            PURGE_IMAGE: PurgeImage(opened.storages),
            PURGE_ACCOUNT: PurgeAccount(opened.storages),
        }
        runner = Runner(opened.queue, Topic.UPLOADS, handlers, settings.worker_concurrency)
        _stop_on_signal(runner)
        housekeeping = Housekeeping(opened.queue, trash_ttl=timedelta(days=settings.trash_ttl_days))
        housekeeping.start()
        try:
            await runner.run(settings.shutdown_grace_seconds)
        finally:
            await housekeeping.close()
    finally:
        await opened.close()


def _stop_on_signal(runner: Runner) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, runner.stop)
