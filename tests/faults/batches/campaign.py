"""Two customers, a shop, machines, and everything that can happen to them; then a look at what is left."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient

from storage.gridfs import GridFSStorage
from tests.client import Person
from tests.faults import invariants
from tests.faults.batches import checks
from tests.faults.batches.customer import Customer
from tests.faults.batches.deliveries import Deliveries
from tests.faults.batches.furies import Furies
from tests.faults.batches.machines import DATABASE, Machines
from tests.faults.batches.shop import Shop
from tests.kafka.broker import Broker

CUSTOMERS = 2
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


async def fought(
    folder: Path, seed: int, steps: Sequence[str], *, seconds: float = 0, kafka: Broker | None = None
) -> Outcome:
    """Lets it all happen, and checks every promise afterwards.

    Raises:
        AssertionError: One was broken.
    """
    async with AsyncExitStack() as until_over:
        shop = await until_over.enter_async_context(Shop.open(seed))
        settings = {"FETCH_PRIVATE_ALLOWLIST": shop.allowed, "WORKER_CONCURRENCY": "2"}
        machines = await until_over.enter_async_context(Machines.running(folder, kafka, settings))
        client = await until_over.enter_async_context(AsyncMongoClient(machines.uri, tz_aware=True))
        people = [
            await until_over.enter_async_context(Person.signed_up(machines.service.url))
            for _ in range(CUSTOMERS)
        ]
        customers = [Customer(person, shop, CUSTOMERS * seed + n) for n, person in enumerate(people)]
        deliveries = Deliveries(client, seed)
        furies = Furies(machines, deliveries, seed, steps, seconds)
        async with asyncio.timeout(seconds + ENOUGH_SECONDS):
            await _fight(customers, shop, deliveries, furies)
            await checks.at_rest(client[DATABASE], deliveries.hasten)
            await _look(customers, shop, machines, client)
            return await _outcome(customers, shop, furies, client)


async def _fight(customers: list[Customer], shop: Shop, deliveries: Deliveries, furies: Furies) -> None:
    async def rage() -> None:
        await furies.rage()
        shop.is_calm = True
        await deliveries.at_once()  # what the dead had in hand

    looking = asyncio.create_task(deliveries.look_on())
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(rage())
            for customer in customers:
                tasks.create_task(customer.until(lambda: furies.is_done))
    finally:
        looking.cancel()


async def _look(
    customers: list[Customer], shop: Shop, machines: Machines, client: AsyncMongoClient[dict[str, Any]]
) -> None:
    database = client[DATABASE]
    orders = [order for customer in customers for order in customer.orders]
    for customer in customers:
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
    await asyncio.to_thread(_reconcile, machines)
    await checks.every_byte_is_named(database, GridFSStorage(database))


def _reconcile(machines: Machines) -> None:
    command = [sys.executable, "-m", "tests.faults.batches.reconciled"]
    found = subprocess.run(command, env=machines.service.environment, capture_output=True, check=False)
    assert found.returncode == 0, found


async def _outcome(
    customers: list[Customer], shop: Shop, furies: Furies, client: AsyncMongoClient[dict[str, Any]]
) -> Outcome:
    orders = [order for customer in customers for order in customer.orders]
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
        sum(len(customer.uploads) for customer in customers),
        len(shop.ears.heard),
    )
