"""What was acknowledged, and what is there: the account at the end of a campaign."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from resolvers import ids
from storage.base import Storage
from tests.client import Person

if TYPE_CHECKING:
    from tests.faults.batches.campaign import Crowd

IMAGE = "query ($id: ID!) { image(id: $id) { url } }"
HAVE_ENDED = ["SUCCEEDED", "FAILED"]


@dataclass(frozen=True)
class Ledger:
    """Uploads are acknowledged by their answers, images of batches by SUCCEEDED."""

    acknowledged: int
    found: int
    duplicated: int
    orphaned: int
    streams: int
    streams_with_holes: int

    @property
    def lost(self) -> int:
        """Acknowledged, and not there, or other bytes."""
        return self.acknowledged - self.found

    @property
    def is_clean(self) -> bool:
        """Whether nothing was broken."""
        return not (self.lost or self.duplicated or self.orphaned or self.streams_with_holes)

    def __str__(self) -> str:
        return (
            f"ledger: {self.acknowledged} acknowledged, {self.found} found, {self.lost} lost, "
            f"{self.duplicated} duplicated, {self.orphaned} orphaned, "
            f"{self.streams} streams, {self.streams_with_holes} with holes"
        )


async def written(crowd: Crowd, database: Any, storage: Storage) -> Ledger:
    """To be called at rest, after a reconciliation."""
    of_uploads = [
        (crowd.load.person, {i: sum_ for i, sum_ in kept.items() if i not in crowd.load.ledger.deleted})
        for kept in [crowd.load.ledger.kept]
    ] + [(customer.person, customer.uploads) for customer in crowd.customers]
    there = [
        await _has(person, image_id, checksum)
        for person, kept in of_uploads
        for image_id, checksum in kept.items()
    ]
    wanted = await database["batch_items"].distinct("image_id", {"state": "SUCCEEDED"})
    kept_of_batches = await _kept_of_batches(database, storage, wanted)
    sequences = _sequences(crowd)
    return Ledger(
        acknowledged=len(there) + len(wanted),
        found=sum(there) + kept_of_batches,
        duplicated=await _ended_too_often(database) + await _too_many(crowd, database),
        orphaned=await _orphaned(database, storage),
        streams=len(sequences) + 1,
        streams_with_holes=sum(seen != list(range(1, len(seen) + 1)) for seen in sequences)
        + bool(crowd.watch.unknown(crowd.load.ledger)),
    )


def _sequences(crowd: Crowd) -> list[list[int]]:
    """Of every stream of one image or batch."""
    watches = [watch for customer in crowd.customers for order in customer.orders for watch in order.watches]
    of_batches = [[event["sequence"] for event in watch.events] for watch in watches]
    return of_batches + list(crowd.load.ledger.streams.values())


async def _has(person: Person, image_id: str, checksum: str) -> bool:
    image = (await person.data(IMAGE, id=image_id))["image"]
    if image is None:
        return False
    async with person.http.get(image["url"]) as response:
        return hashlib.sha256(await response.read()).hexdigest() == checksum


async def _kept_of_batches(database: Any, storage: Storage, wanted: list[Any]) -> int:
    """How many of these images are there, with bytes that match."""
    count = 0
    async for image in database["images"].find({"_id": {"$in": wanted}}):
        content = b"".join([bytes(piece) async for piece in storage.get(image["storage"]["key"])])
        count += hashlib.sha256(content).hexdigest() == image["checksum_sha256"]
    return count


async def _ended_too_often(database: Any) -> int:
    """Items that ended more than once in a round."""
    ended = Counter(
        [event["item_id"] async for event in database["batch_events"].find({"item_id": {"$ne": None}})]
    )
    rounds = {
        item["_id"]: item["round"]
        async for item in database["batch_items"].find({"state": {"$in": HAVE_ENDED}})
    }
    return sum(ended[item_id] > most for item_id, most in rounds.items())


async def _too_many(crowd: Crowd, database: Any) -> int:
    """Images that nobody was told of; deleted ones that are there again."""
    ledger = crowd.load.ledger
    owner = ids.decode(crowd.load.person.id, "User")
    return abs(
        await database["images"].count_documents({"owner_id": owner}) - len(ledger.kept) + len(ledger.deleted)
    )


async def _orphaned(database: Any, storage: Storage) -> int:
    """Objects without a document, and documents without an object."""
    named = {batch["manifest"]["key"] async for batch in database["batches"].find({})}
    async for image in database["images"].find({}):
        named |= {image["storage"]["key"], *(variant["key"] for variant in image["variants"])}
    return len(named ^ {found.key async for found in storage.list("")})
