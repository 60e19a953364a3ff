"""Two customers, a shop, machines, and everything that can happen to them; then a look at what is left."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient

from storage.base import Storage
from storage.gridfs import GridFSStorage
from tests.client import Person
from tests.faults import invariants
from tests.faults.batches import checks, ledger
from tests.faults.batches.customer import Customer
from tests.faults.batches.deliveries import Deliveries
from tests.faults.batches.furies import Furies
from tests.faults.batches.gallery import GalleryWatch
from tests.faults.batches.ledger import Ledger
from tests.faults.batches.machines import DATABASE, Machines
from tests.faults.batches.provider import Provider
from tests.faults.batches.shop import Shop
from tests.faults.nemesis import Load
from tests.kafka.broker import Broker

CUSTOMERS = 2
UPLOADS_AT_ONCE = 3
ENOUGH_SECONDS = 600


@dataclass(frozen=True)
class Outcome:
    """What happened, and to how much."""

    happened: Counter[str]
    batches: int
    items: dict[str, int]
    failures: list[str]
    events: int
    resumed: int
    uploads: int
    heard: int
    ledger: Ledger


@dataclass(frozen=True)
class Crowd:
    """Those who submit batches, one who uploads, replaces and deletes pictures, and who watches that gallery."""

    customers: list[Customer]
    load: Load
    watch: GalleryWatch


async def fought(
    folder: Path,
    seed: int,
    steps: Sequence[str],
    *,
    seconds: float = 0,
    kafka: Broker | None = None,
    provider: Provider | None = None,
    tell: Callable[[str], None] = str,
) -> Outcome:
    """Lets it all happen, tells the ledger, and checks every promise afterwards.

    Raises:
        AssertionError: One was broken.
    """
    async with AsyncExitStack() as until_over:
        shop = await until_over.enter_async_context(Shop.open(seed))
        settings = {"FETCH_PRIVATE_ALLOWLIST": shop.allowed, "WORKER_CONCURRENCY": "2"}
        machines = await until_over.enter_async_context(Machines.running(folder, kafka, provider, settings))
        client = await until_over.enter_async_context(AsyncMongoClient(machines.uri, tz_aware=True))
        storage = provider.storage() if provider else GridFSStorage(client[DATABASE])
        until_over.push_async_callback(storage.close)
        *people, uploader = [
            await until_over.enter_async_context(Person.signed_up(machines.service.url))
            for _ in range(CUSTOMERS + 1)
        ]
        customers = [Customer(person, shop, CUSTOMERS * seed + n) for n, person in enumerate(people)]
        load = Load(uploader, seed, UPLOADS_AT_ONCE, seconds + ENOUGH_SECONDS)
        crowd = Crowd(customers, load, await GalleryWatch.from_now(uploader))
        deliveries = Deliveries(client, seed)
        reached = [step for step in steps if not (provider and step in provider.never_reached)]
        furies = Furies(machines, deliveries, seed, reached, seconds)
        async with asyncio.timeout(seconds + ENOUGH_SECONDS):
            await _fight(crowd, shop, deliveries, furies)
            await checks.at_rest(client[DATABASE], deliveries.hasten)
            await asyncio.to_thread(_reconcile, machines)
            written = await ledger.written(crowd, client[DATABASE], storage)
            tell(str(written))
            await _look(crowd, shop, client, storage)
            assert written.is_clean, written
            return await _outcome(crowd, shop, furies, client, written)


async def _fight(crowd: Crowd, shop: Shop, deliveries: Deliveries, furies: Furies) -> None:
    async def rage() -> None:
        await furies.rage()
        shop.is_calm = True
        await deliveries.at_once()  # what the dead had in hand

    looking = asyncio.create_task(deliveries.look_on())
    watching = asyncio.create_task(crowd.watch.read())
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(rage())
            tasks.create_task(crowd.load.until(lambda: furies.is_done))
            for customer in crowd.customers:
                tasks.create_task(customer.until(lambda: furies.is_done))
        await crowd.watch.until_known(crowd.load.ledger)
    finally:
        watching.cancel()
        looking.cancel()


async def _look(crowd: Crowd, shop: Shop, client: AsyncMongoClient[dict[str, Any]], storage: Storage) -> None:
    database = client[DATABASE]
    orders = [order for customer in crowd.customers for order in customer.orders]
    for customer in crowd.customers:
        for order in customer.orders:
            await checks.every_stream_is_the_log(database, order)
            if not order.is_deleted:
                items = await checks.every_item_has_ended(customer.person, order, shop)
                await checks.every_image_has_its_bytes(customer.person, items, shop)
        await checks.every_upload_is_there(customer.person, customer.uploads)
    await checks.every_end_was_announced(database, orders, shop.ears.heard)
    await checks.nothing_is_left_of_deleted_batches(database, orders)
    await invariants.every_log_is_without_hole(database)
    await invariants.shares_are_what_a_recount_says(database)
    await invariants.nothing_forgotten_is_left(database, crowd.load.ledger.deleted)
    await checks.every_byte_is_named(database, storage)


def _reconcile(machines: Machines) -> None:
    command = [sys.executable, "-m", "tests.faults.batches.reconciled"]
    found = subprocess.run(command, env=machines.service.environment, capture_output=True, check=False)
    assert found.returncode == 0, found


async def _outcome(
    crowd: Crowd, shop: Shop, furies: Furies, client: AsyncMongoClient[dict[str, Any]], written: Ledger
) -> Outcome:
    orders = [order for customer in crowd.customers for order in customer.orders]
    items = client[DATABASE]["batch_items"]
    failures = await items.distinct("failure.code", {"state": "FAILED"})
    states = {state: await items.count_documents({"state": state}) for state in await items.distinct("state")}
    watches = [watch for order in orders for watch in order.watches]
    return Outcome(
        furies.happened,
        len(orders),
        states,
        sorted(failures),
        sum(len(watch.events) for watch in watches),
        sum(watch.resumed for watch in watches),
        sum(len(customer.uploads) for customer in crowd.customers) + len(crowd.load.ledger.kept),
        len(shop.ears.heard),
        written,
    )
