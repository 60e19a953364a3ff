"""`darkroom upload`."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cli import remote, terminal
from cli.account import Account
from cli.images import outcome
from cli.images.bars import Bars
from cli.images.choosing import Chosen
from cli.images.following import Following
from cli.images.outcome import Outcome
from client import Darkroom, RefusedError, UnreachableError
from client.errors import UNAUTHENTICATED
from client.generated import ImageFields
from client.generated import UploadImageUploadImageUploadImagePayload as Payload

MEANT_FOR_ALL: Final = {UNAUTHENTICATED, "InvalidInputError"}
"""Refusals that the next file would have as well: of who asks, or of the tags."""

Outcomes = dict[Path, Outcome]


@dataclass(frozen=True)
class Plan:
    """What is uploaded, and how."""

    chosen: Chosen
    tags: list[str]
    parallel: int
    watch: bool


def run(account: Account, plan: Plan, *, as_json: bool) -> int:
    """The exit status."""
    files, outcomes = plan.chosen.files, _unread(plan.chosen)

    async def work(darkroom: Darkroom) -> int:
        await darkroom.describe()  # who is not known is told so before a file is read
        ended_by = await _upload(darkroom, plan, outcomes)
        if ended_by and not outcomes:
            raise ended_by
        if ended_by:
            terminal.say(remote.reason(ended_by, account.url))
        unsent = sum(file not in outcomes for file in files)
        places = {file: place for place, file in enumerate(files)}
        in_order = sorted(outcomes.values(), key=lambda each: places.get(each.file, -1))
        outcome.show(in_order, unsent, as_json=as_json)
        return 0 if not ended_by and all(each.is_well for each in in_order) else 1

    def stopped() -> str:
        return f"stopped after {len(outcomes):,} of {len(files):,} files; started again, it keeps none twice"

    return remote.run(account, work, stopped)


def _unread(chosen: Chosen) -> Outcomes:
    """What became of folders that could not be read."""
    return {Path(error.filename): _failure(Path(error.filename), error) for error in chosen.unread}


async def _upload(
    darkroom: Darkroom, plan: Plan, outcomes: Outcomes
) -> RefusedError | UnreachableError | None:
    """Fills in the outcomes; what ended it before all files had one, if anything did."""
    async with AsyncExitStack() as stack:
        following = await stack.enter_async_context(Following.begun(darkroom)) if plan.watch else None
        bars = stack.enter_context(Bars(plan.chosen.files, watch=plan.watch).shown())
        uploading = Uploading(darkroom, plan, bars, following, outcomes)
        for unread in outcomes.values():
            bars.fail(unread)
        return await uploading.run()


class Uploading:
    """Files on their way, a few at a time."""

    def __init__(
        self, darkroom: Darkroom, plan: Plan, bars: Bars, following: Following | None, outcomes: Outcomes
    ) -> None:
        self._darkroom = darkroom
        self._plan = plan
        self._bars = bars
        self._following = following
        self._outcomes = outcomes
        self._files: Iterator[Path] = iter(plan.chosen.files)

    async def run(self) -> RefusedError | UnreachableError | None:
        """Until all are through; what ended it before, if anything did."""
        ended_by: RefusedError | UnreachableError | None = None
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._plan.parallel):
                    group.create_task(self._lane(group))
        except* (RefusedError, UnreachableError) as errors:
            ended_by = next(each for each in errors.exceptions if not isinstance(each, ExceptionGroup))
        return ended_by

    async def _lane(self, group: asyncio.TaskGroup) -> None:
        """Sends one file after the other; the next one does not wait for the development of the last."""
        for file in self._files:
            try:
                payload = await self._darkroom.take_in(
                    file, tags=self._plan.tags, passed=self._bars.counting(file)
                )
            except OSError as error:
                self._end(_failure(file, error))
            except RefusedError as refusal:
                if refusal.code in MEANT_FOR_ALL:
                    raise
                self._end(Outcome(file, code=refusal.code, message=str(refusal)))
            else:
                group.create_task(self._follow(file, payload))
            self._bars.sent(file)

    async def _follow(self, file: Path, payload: Payload) -> None:
        image: ImageFields | None = payload.image
        if self._following:
            self._outcomes[file] = Outcome(file, payload.image, payload.duplicate)
            image = await self._following.end_of(payload.image)
        self._end(Outcome.of(file, image, is_duplicate=payload.duplicate))

    def _end(self, ended: Outcome) -> None:
        self._outcomes[ended.file] = ended
        self._bars.end(ended)


def _failure(file: Path, error: OSError) -> Outcome:
    name = errno.errorcode.get(error.errno or 0, type(error).__name__)
    return Outcome(file, code=name, message=error.strerror or str(error))
