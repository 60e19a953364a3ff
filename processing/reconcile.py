"""Storage and documents told apart from each other's strays.

Nothing is judged by the walk alone, during which uploads, developments and migrations go on. An object goes only if it
has lain there for the whole grace and a last look, on a majority, shows that nobody names it. What is of an owner who
is unknown here may be another service's, or the database the wrong one: it goes only if that is asked for. A document is said to
lack bytes only if it still names them when they have been asked for one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from beanie import PydanticObjectId

from errors import ObjectNotFoundError
from models import holdings, manifests
from models.departed import DepartedUser
from models.holdings import Holding
from models.image import ImageStage, StoredAt
from models.leftover import Leftover
from models.user import User
from processing import recount, redevelop
from processing.queue.base import WorkQueue
from processing.recount import Correction
from processing.walk import Lying, Stop, Walk
from storage import keys
from storage.base import Storage, StoredObject

GRACE = timedelta(days=1)
UNFINISHED = timedelta(days=1)
"""How old the remains of a put, or what a client has staged, must at least be: either may still be completed."""

MOST_NAMED = 10_000
"""Of so many images that lack bytes the ids are kept, of all others only the number."""


@dataclass
class Missing:
    """Images that name bytes which are not there."""

    count: int = 0
    image_ids: list[str] = field(default_factory=list)

    def add(self, image_id: PydanticObjectId) -> None:
        """One more."""
        self.count += 1
        if self.count <= MOST_NAMED:
            self.image_ids.append(str(image_id))


@dataclass
class Findings:
    """What was found. Without `dry_run`, all but the missing originals and what is out of reach was put right.

    Attributes:
        strays: Objects that no document names, by room, and their bytes.
        remains: Of puts that died.
        unclaimed: Objects that would be strays if anybody knew their owners; they were left alone.
        foreign: Objects in our rooms whose keys are none of ours; nobody touches them.
        out_of_reach: Images by the kind of the storage that they lie in, and that is not set up here.
        corrections: Owners whose tally said something else than their documents.
        recounted: Allowances counted anew.
    """

    dry_run: bool
    images: int = 0
    objects: int = 0
    strays: Counter[str] = field(default_factory=Counter)
    stray_bytes: int = 0
    remains: int = 0
    unclaimed: int = 0
    foreign: int = 0
    originals_missing: Missing = field(default_factory=Missing)
    presets_missing: Missing = field(default_factory=Missing)
    out_of_reach: Counter[str] = field(default_factory=Counter)
    corrections: list[Correction] = field(default_factory=list)
    recounted: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether nothing is left that only a person can put right."""
        return not (self.originals_missing.count or self.out_of_reach or self.unclaimed)


class Reconciliation:
    """One look at everything.

    Args:
        storages: All that may hold something.
        queue: Where developments are asked for.
        grace: How old an object that nobody names must be, to be a stray.
        unclaimed: Whether to delete strays of owners who are unknown here, too.
        dry_run: Whether to look only.
        passed: Told of each image and owner that was looked at.
    """

    def __init__(
        self,
        storages: Iterable[Storage],
        queue: WorkQueue,
        *,
        grace: timedelta = GRACE,
        unclaimed: bool = False,
        dry_run: bool,
        passed: Callable[[], None] = lambda: None,
    ) -> None:
        self._storages = {storage.kind: storage for storage in storages}
        self._queue = queue
        now = datetime.now(UTC)
        self._stray_before = now - grace
        self._unfinished_before = now - max(grace, UNFINISHED)
        self._delete_unclaimed = unclaimed
        self._last_owner = ("", False)
        self._passed = passed
        self.findings = Findings(dry_run)

    async def run(self) -> Findings:
        """Looks at all images and objects, then at what is left of unfinished puts, then at the shares.

        Raises:
            StorageError: A provider does not answer; what was done until then stays done.
        """
        await self._walk()
        for storage in self._storages.values():
            await self._sweep_staged(storage)
            await self._sweep_manifests(storage)
            await self._sweep_remains(storage)
        await self._recount()
        return self.findings

    async def _walk(self) -> None:
        walk = Walk(list(self._storages.values()))
        async with aclosing(walk.stops()) as stops:
            async for stop in stops:
                self.findings.objects += len(stop.objects)
                for lying in stop.objects:
                    await self._judge(stop, lying)
                if stop.holding:
                    self.findings.images += 1
                    await self._look_for(stop.holding, stop.objects)
                    self._passed()
        self.findings.foreign += walk.foreign_count

    async def _judge(self, stop: Stop, lying: Lying) -> None:
        """Removes the object if it is a stray."""
        at = StoredAt(kind=lying.storage.kind, key=lying.stored.key)
        if lying.stored.written_at >= self._stray_before or _names(stop.holding, at):
            return
        if await Leftover.has_any(at.kind, {at.key, keys.original_of(at.key)}):
            return
        if not _names(await holdings.look(PydanticObjectId(stop.image_id)), at):
            await self._remove(lying.storage, lying.stored)

    async def _remove(self, storage: Storage, stored: StoredObject) -> None:
        if not self._delete_unclaimed and not await self._is_known(keys.owner_of(stored.key)):
            self.findings.unclaimed += 1
            return
        self.findings.strays[stored.key.partition("/")[0]] += 1
        self.findings.stray_bytes += stored.size_bytes
        if not self.findings.dry_run:
            await storage.delete(stored.key)

    async def _is_known(self, owner_id: str) -> bool:
        """Whether the owner is or lately was a user here; keys come in the order of owners."""
        if self._last_owner[0] != owner_id:
            user_id = PydanticObjectId(owner_id)
            self._last_owner = owner_id, await User.has(user_id) or await DepartedUser.has(user_id)
        return self._last_owner[1]

    async def _look_for(self, holding: Holding, objects: Iterable[Lying]) -> None:
        """Finds out whether what the image names is there."""
        met = {(lying.storage.kind, lying.stored.key) for lying in objects}
        if all((holding.stored_at.kind, key) in met for key in holding.keys):
            return
        now = await holdings.look(holding.image_id)
        if now is None:
            return
        storage = self._storages.get(now.stored_at.kind)
        if storage is None:
            self.findings.out_of_reach[now.stored_at.kind] += 1
            return
        absent = [key for key in now.keys if not await _has(storage, key)]
        if absent and await holdings.look(now.image_id) == now:
            await self._report(now, absent)

    async def _report(self, holding: Holding, absent: list[str]) -> None:
        if holding.stored_at.key in absent:
            self.findings.originals_missing.add(holding.image_id)
        elif holding.stage == ImageStage.READY:
            self.findings.presets_missing.add(holding.image_id)
            if not self.findings.dry_run:
                await redevelop.again(holding, absent, self._queue)

    async def _sweep_staged(self, storage: Storage) -> None:
        async for stored in storage.list(f"{keys.STAGED}/"):
            if not keys.is_staged(stored.key):
                self.findings.foreign += 1
            elif stored.written_at < self._unfinished_before:
                await self._remove(storage, stored)

    async def _sweep_manifests(self, storage: Storage) -> None:
        async for stored in storage.list(f"{keys.MANIFESTS}/"):
            if keys.batch_of(stored.key) is None:
                self.findings.foreign += 1
            elif stored.written_at < self._stray_before and await self._is_stray_manifest(storage, stored):
                await self._remove(storage, stored)

    async def _is_stray_manifest(self, storage: Storage, stored: StoredObject) -> bool:
        if await Leftover.has_any(storage.kind, {stored.key}):
            return False
        batch_id = PydanticObjectId(keys.batch_of(stored.key))
        return not await manifests.is_named(batch_id, StoredAt(kind=storage.kind, key=stored.key))

    async def _sweep_remains(self, storage: Storage) -> None:
        async for name in storage.remains(self._unfinished_before):
            self.findings.remains += 1
            if not self.findings.dry_run:
                await storage.discard(name)

    async def _recount(self) -> None:
        async with aclosing(recount.owners()) as owners:
            async for owner_id in owners:
                correction = await recount.correct(owner_id, dry_run=self.findings.dry_run)
                if correction:
                    self.findings.corrections.append(correction)
                if not self.findings.dry_run:
                    self.findings.recounted += await recount.allowance(owner_id)
                self._passed()


def _names(holding: Holding | None, at: StoredAt) -> bool:
    """Whether the object is the image's: its original, a preset, or made of that original on demand."""
    if holding is None or holding.stored_at.kind != at.kind:
        return False
    return at.key in holding.keys or at.key.startswith(keys.made_prefix(holding.stored_at.key))


async def _has(storage: Storage, key: str) -> bool:
    try:
        await storage.head(key)
    except ObjectNotFoundError:
        return False
    return True
