"""A service with two people in it who keep the very same things: whatever is mixed up shows."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, Self

from beanie import PydanticObjectId
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from resolvers import ids
from tests import pictures
from tests.acceptance import batches, staging
from tests.client import Person
from tests.processing.fetch.origin import Origin, ok
from tests.service import Service

PHOTO, SECOND, THIRD = (pictures.jpeg(320, 240, seed=seed) for seed in (900, 901, 902))
FETCHED = pictures.jpeg(320, 240, seed=903)
OWN_PARTS = """
query ($id: ID!) {
  batch(id: $id) { products { nodes { id } pageInfo { endCursor } } items { nodes { id } pageInfo { endCursor } } }
  gallery { pageInfo { startCursor endCursor } changeCursor }
  batches { pageInfo { endCursor } }
  products { pageInfo { endCursor } }
}
"""
ADDRESSES = """
query ($image: ID!, $batch: ID!) {
  image(id: $image) { url variants { url } variant(widthPx: 40) { url } }
  batch(id: $batch) { csv: resultUrl extended: resultUrl(format: EXTENDED_CSV) jsonl: resultUrl(format: JSONL) }
}
"""
PUBLISHED = ("Image", "Batch", "Product", "BatchItem", "StagedUpload", "User")
SETTLED_WITHIN_SECONDS = 60
RUNNING = {"finished_at": None, "state": {"$ne": "PAUSED"}}
DUE = {"kind": {"$ne": "delete_leftover"}}
PAUSE = "mutation ($id: ID!) { pauseBatch(input: {id: $id}) { __typename } }"
TRASH = "mutation ($id: ID!) { deleteImage(input: {id: $id}) { __typename } }"


@dataclass
class Owner:
    """Somebody who keeps one thing of each kind, and the cursors of their lists."""

    person: Person
    things: dict[str, str] = field(default_factory=dict)
    cursors: dict[str, str] = field(default_factory=dict)
    stage: dict[str, Any] = field(default_factory=dict)

    async def furnish(self, origin: Origin) -> Self:
        """Gives them what they keep."""
        image = await self.person.developed(PHOTO, tags=["mine"])
        trashed = (await self.person.upload(SECOND))["image"]
        await self.person.data(TRASH, id=trashed["id"])
        spare = (await self.person.upload(THIRD))["image"]
        staged = await staging.sent(self.person, THIRD)
        batch = await self.batch(origin)
        rows = (f"{number},Lamp,{origin.url('/gone', '127.0.0.1')}" for number in range(30))
        paused = await batches.created(self.person, *rows)
        await self.person.data(PAUSE, id=paused["id"])
        self.things = {
            "image": image["id"], "trashed": trashed["id"], "spare": spare["id"], "batch": batch,
            "paused": paused["id"], "staged": staged["id"], "user": self.person.id,
        }  # fmt: skip
        shown = await self.person.data(OWN_PARTS, id=batch)
        self.things["product"] = shown["batch"]["products"]["nodes"][0]["id"]
        self.things["item"] = shown["batch"]["items"]["nodes"][0]["id"]
        gallery, of_batch = shown["gallery"], shown["batch"]
        self.cursors = {
            "Query.gallery.after": gallery["pageInfo"]["startCursor"],
            "Query.gallery.before": gallery["pageInfo"]["endCursor"],
            "Query.products.after": shown["products"]["pageInfo"]["endCursor"],
            "Query.batches.after": shown["batches"]["pageInfo"]["endCursor"],
            "Subscription.galleryChanges.after": gallery["changeCursor"],
            "Batch.products.after": of_batch["products"]["pageInfo"]["endCursor"],
            "Batch.items.after": of_batch["items"]["pageInfo"]["endCursor"],
        }
        return self

    async def batch(self, origin: Origin) -> str:
        """A batch that is over: one image came, one did not."""
        rows = (f"1,Lamp,{origin.url('/a.jpg', '127.0.0.1')}", f"2,Chair,{origin.url('/gone', '127.0.0.1')}")
        created: str = (await batches.created(self.person, *rows))["id"]
        await self.person.subscribe(batches.PROGRESS, id=created)
        return created

    async def addresses(self) -> dict[str, str]:
        """Every kind of signed address that leads to what they keep."""
        shown = await self.person.data(ADDRESSES, image=self.things["image"], batch=self.things["batch"])
        image, batch = shown["image"], shown["batch"]
        staged = await staging.sent(self.person, THIRD)
        return {
            "original": image["url"], "preset": image["variants"][0]["url"], "on demand": image["variant"]["url"],
            "csv": batch["csv"], "extended": batch["extended"], "jsonl": batch["jsonl"], "staged": staged["url"],
        }  # fmt: skip

    @property
    def database_id(self) -> PydanticObjectId:
        """Their id as MongoDB has it."""
        found = ids.decode(self.person.id, "User")
        assert found
        return found


@dataclass
class Ground:
    """The service, what it keeps, and who is there."""

    service: Service
    kept: AsyncDatabase[dict[str, Any]]
    origin: Origin
    ann: Owner
    ben: Owner

    async def settled(self) -> None:
        """Waits until every batch of the two is over, and no work is left but what waits for its day."""
        theirs = {"owner_id": {"$in": [self.ann.database_id, self.ben.database_id]}}
        end = time.monotonic() + SETTLED_WITHIN_SECONDS
        while left := [
            *await self.kept["batches"].find({**theirs, **RUNNING}).to_list(),
            *await self.kept["work"].find({**theirs, **DUE}).to_list(),
        ]:
            assert time.monotonic() < end, left
            await asyncio.sleep(0.05)

    async def belongings(self, owner: Owner) -> list[dict[str, Any]]:
        """All documents of theirs."""
        wanted = {"$or": [{"owner_id": owner.database_id}, {"_id": owner.database_id}]}
        names = sorted(await self.kept.list_collection_names())
        return [
            document
            for name in names
            if not name.startswith("system.")
            for document in await self.kept[name].find(wanted, sort=[("_id", 1)]).to_list()
        ]

    async def traces(self, owner: Owner) -> set[str]:
        """What no answer to somebody else may hold: their ids, as MongoDB and as clients have them; their address."""
        found = {str(document["_id"]) for document in await self.belongings(owner)}
        found |= {ids.encode(kind, stored) for kind in PUBLISHED for stored in found}
        return found | set(owner.things.values()) | {owner.person.email}


def answers(origin: Origin) -> None:
    """One picture, and nothing else."""
    origin.answers = {"/a.jpg": ok(FETCHED)}


def kept_by(service: Service, mongo: AsyncMongoClient[dict[str, Any]]) -> AsyncDatabase[dict[str, Any]]:
    """The service's database."""
    return mongo[service.environment["MONGODB_DATABASE"]]
