"""Somebody who submits catalogues, watches them, changes their mind, uploads beside them, and never gives up."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.acceptance import batches
from tests.acceptance.batches import BATCH
from tests.acceptance.streams import TRANSPORTS
from tests.client import Person
from tests.faults.batches.shop import Shop
from tests.faults.batches.watching import Watch, insist

BATCHES_AT_ONCE = 3
MOST_CHANGES = 4
CHANGE = """
mutation ($id: ID!) { change: %(verb)sBatch(input: {id: $id}) {
  __typename
  ... on %(name)sBatchPayload { batch { state counts { total pending running succeeded failed cancelled } } }
  ... on Error { message }
} }
"""
DELETE = """
mutation ($id: ID!, $withImages: Boolean) {
  deleteBatch(input: {id: $id, withImages: $withImages}) { __typename }
}
"""


@dataclass
class Order:
    """A batch as its owner knows it: what was sent in, what was told, in streams and in answers."""

    id: str
    rows: list[list[str]]
    watches: list[Watch]
    has_webhook: bool
    answers: list[dict[str, int]] = field(default_factory=list)
    is_deleted: bool = False


class Customer:
    """Goes on until told to stop; then whatever was begun is brought to its end."""

    def __init__(self, person: Person, shop: Shop, seed: int, *, may_cancel: bool = True) -> None:
        self.person = person
        self._shop = shop
        self._random = random.Random(seed)
        self._may_cancel = may_cancel
        self.orders: list[Order] = []
        self.uploads: dict[str, str] = {}

    async def until(self, is_over: Callable[[], bool]) -> None:
        """Keeps BATCHES_AT_ONCE under way, and uploads beside them."""
        async with asyncio.TaskGroup() as tasks:
            for number in range(BATCHES_AT_ONCE):
                tasks.create_task(self._submit(f"line {number}", is_over))
            tasks.create_task(self._upload(is_over))

    async def _submit(self, line: str, is_over: Callable[[], bool]) -> None:
        count = 0
        while not is_over() or not count:
            count += 1
            await self._life(f"{line}, order {count}")

    async def _life(self, key: str) -> None:
        """One batch, from its manifest to its end, perhaps to another one, perhaps to its deletion."""
        order = await self._order(key)
        self.orders.append(order)
        await asyncio.gather(self._meddle(order), *(watch.until_the_end() for watch in order.watches))
        if self._random.random() < 0.4:
            await self._change(order, "retry")
            await asyncio.gather(*(watch.until_the_end() for watch in order.watches))
        if self._random.random() < 0.4:
            await self._delete(order, with_images=self._random.random() < 0.5)

    async def _order(self, key: str) -> Order:
        rows, has_webhook = self._shop.catalogue(), self._random.random() < 0.7
        content = batches.manifest(*(f'{n},Thing {n},"{",".join(urls)}"' for n, urls in enumerate(rows)))
        fields: dict[str, Any] = {"webhook": self._shop.webhook} if has_webhook else {}

        async def create() -> dict[str, Any]:
            answer = await batches.create(self.person, content, idempotencyKey=key, **fields)
            return answer["batch"]

        batch = await insist(create)
        transports = self._random.sample(TRANSPORTS, 2)
        watches = [Watch(self.person, batch["id"], transport) for transport in transports]
        return Order(batch["id"], rows, watches, has_webhook, [batch["counts"]])

    async def _meddle(self, order: Order) -> None:
        """Changes of mind, so many that the batch comes to its end."""
        for _ in range(self._random.randint(0, MOST_CHANGES)):
            await asyncio.sleep(self._random.uniform(0, 1))
            is_drastic = self._may_cancel and self._random.random() < 0.08
            await self._change(order, "cancel" if is_drastic else self._random.choice(["pause", "resume"]))
            batch = await insist(lambda: self.person.data(BATCH, id=order.id))
            order.answers.append(batch["batch"]["counts"])
        await self._change(order, "resume")

    async def _change(self, order: Order, verb: str) -> None:
        mutation = CHANGE % {"verb": verb, "name": verb.capitalize()}
        answer = await insist(lambda: self._done(mutation, order.id))
        if "batch" in answer:
            order.answers.append(answer["batch"]["counts"])

    async def _delete(self, order: Order, *, with_images: bool) -> None:
        order.is_deleted = True
        await insist(lambda: self.person.data(DELETE, id=order.id, withImages=with_images))

    async def _done(self, mutation: str, batch_id: str) -> dict[str, Any]:
        changed: dict[str, Any] = (await self.person.data(mutation, id=batch_id))["change"]
        assert "__typename" in changed
        return changed

    async def _upload(self, is_over: Callable[[], bool]) -> None:
        """Pictures of their own, and some that the shop has, too."""
        number = 0
        while not is_over() or not number:
            number += 1
            content = self._shop.picture()
            uploaded = await insist(lambda n=number, c=content: self._uploaded(c, f"upload {n}"))
            self.uploads[uploaded["image"]["id"]] = hashlib.sha256(content).hexdigest()
            await asyncio.sleep(self._random.uniform(0.2, 1))

    async def _uploaded(self, content: bytes, key: str) -> dict[str, Any]:
        uploaded = await self.person.upload(content, idempotencyKey=key)
        assert uploaded["image"]["id"]
        return uploaded
