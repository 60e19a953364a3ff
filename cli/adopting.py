"""`darkroom adopt`, once its source is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import failpoints
from cli import options, owners, session, terminal
from cli.owners import Owners
from cli.session import Session
from cli.sources import Opening
from models.values import MetadataPolicy
from processing import quota
from processing.adopting import Adopted, Adopter, Item
from processing.ingest import IngestLimits, Intake, Labels
from processing.probe import Limits
from processing.register import Register
from resolvers import labels
from settings import Settings

MOST_SHOWN = 20
MOST_NAMED = 3
OUTCOMES = {
    "wanted": "would be taken over",
    "adopted": "taken over",
    "duplicate": "had their owners already",
    "known": "taken over earlier",
    "refused": "refused",
    "failed": "failed, to be tried again",
    "unowned": "left, of unknown owners",
}


@dataclass(frozen=True)
class Plan:
    """Whose the pictures become, and how they are gone through.

    Attributes:
        owner: The address of whoever gets them all.
        owner_said: Where the source says whose they are. One of the two is given.
        owners_file: What translates the source's ids of owners.
    """

    owner: str | None
    owner_said: str | int | None
    owners_file: Path | None
    parallel: int
    retry_refused: bool
    dry_run: bool

    def owners(self) -> Owners:
        """Who is who."""
        if (self.owner is None) == (self.owner_said is None):
            raise options.refuse(
                "--owner", "say whose the pictures become: all one user's, or as the source says"
            )
        return Owners(self.owner, owners.read(self.owners_file))


def run(plan: Plan, opening: Opening, *, as_json: bool) -> int:
    """The exit status."""
    whose = plan.owners()

    async def work(opened: Session) -> int:
        failpoints.arm(failpoints.parsed(opened.settings.failpoints))
        await whose.check()
        async with opening(opened) as source:
            with terminal.progress("Pictures", await source.count()) as passed:
                adopter = Adopter(
                    _intake(opened),
                    whose.id_of,
                    _said(opened.settings),
                    parallel=plan.parallel,
                    passed=passed,
                )
                adopted = await adopter.run(source, dry_run=plan.dry_run, retry_refused=plan.retry_refused)
        terminal.print_outcome(_outcome(adopted, plan), _rows(adopted), as_json=as_json)
        return 0 if adopted.is_complete else 1

    return session.run(work)


def _intake(opened: Session) -> Intake:
    """The entrance as for uploads, but for quotas: who runs this may exceed them."""
    settings, resources = opened.settings, opened.resources
    limits = IngestLimits(settings.max_file_size_bytes, Limits(settings.max_pixels, settings.max_frames))
    return Intake(resources.storages.current, Register(resources.queue), limits, quota.limited_to(None))


def _said(settings: Settings) -> Callable[[Item], Labels]:
    policy = MetadataPolicy(settings.metadata_policy)

    def said(item: Item) -> Labels:
        return Labels(labels.cut_caption(item.caption), labels.cut_tags(item.tags), policy)

    return said


def _outcome(adopted: Adopted, plan: Plan) -> dict[str, Any]:
    outcome: dict[str, Any] = {name: adopted.outcomes[name] for name in OUTCOMES if name != "wanted"}
    if plan.dry_run:
        wanted = [{"item": item.id, "owner": item.owner or plan.owner} for item in adopted.wanted]
        outcome = {"dry_run": True, "wanted": wanted, **outcome}
    return {**outcome, "unknown_owners": dict(adopted.unknown_owners), "problems": adopted.problems}


def _rows(adopted: Adopted) -> list[tuple[str, str]]:
    rows = [
        (said, f"{adopted.outcomes[name]:,}") for name, said in OUTCOMES.items() if adopted.outcomes[name]
    ]
    if not rows:
        return [("found", "no pictures there")]
    rows += _list(
        "would be taken over", [f"{item.id} {item.owner or ''}".rstrip() for item in adopted.wanted]
    )
    unknown = adopted.unknown_owners.most_common()
    rows += _list("unknown owners", [f"{name} ({count:,})" for name, count in unknown])
    return rows + _list("not taken over", _by_reason(adopted.problems))


def _by_reason(problems: dict[str, str]) -> list[str]:
    """Each reason once, with some of the items, those of most items first."""
    items: defaultdict[str, list[str]] = defaultdict(list)
    for item_id, reason in problems.items():
        items[reason].append(item_id)
    return [
        f"{len(ids):,}: {reason} ({', '.join(ids[:MOST_NAMED])}{', …' if len(ids) > MOST_NAMED else ''})"
        for reason, ids in sorted(items.items(), key=lambda found: -len(found[1]))
    ]


def _list(title: str, lines: list[str]) -> list[tuple[str, str]]:
    """The title beside the first of the lines; no more of them than a person reads."""
    shown = lines[:MOST_SHOWN] + (["… all of them with --json"] if len(lines) > MOST_SHOWN else [])
    return [(title if number == 0 else "", line) for number, line in enumerate(shown)]
