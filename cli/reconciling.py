"""`darkroom reconcile`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cli import session, terminal
from cli.session import Session
from models import holdings
from processing.reconcile import Findings, Missing, Reconciliation

MOST_SHOWN = 20


@dataclass(frozen=True)
class Looks:
    """How to look, and at what."""

    dry_run: bool
    grace_hours: float
    unknown_owners: bool


def run(looks: Looks, *, as_json: bool) -> int:
    """The exit status."""

    async def work(opened: Session) -> int:
        with terminal.progress("Images", await holdings.estimated_count()) as passed:
            findings = await Reconciliation(
                opened.resources.storages,
                opened.resources.queue,
                grace=timedelta(hours=looks.grace_hours),
                unclaimed=looks.unknown_owners,
                dry_run=looks.dry_run,
                passed=passed,
            ).run()
        terminal.print_outcome(_outcome(findings), _rows(findings), as_json=as_json)
        return 0 if findings.is_sound else 1

    return session.run(work)


def _outcome(findings: Findings) -> dict[str, Any]:
    return {
        "dry_run": findings.dry_run,
        "images": findings.images,
        "objects": findings.objects,
        "strays": dict(findings.strays),
        "stray_bytes": findings.stray_bytes,
        "remains": findings.remains,
        "unclaimed": findings.unclaimed,
        "foreign": findings.foreign,
        "originals_missing": vars(findings.originals_missing),
        "presets_missing": vars(findings.presets_missing),
        "out_of_reach": dict(findings.out_of_reach),
        "corrections": [
            {"owner_id": str(c.owner_id), "images": c.by.image_count, "bytes": c.by.stored_bytes}
            for c in findings.corrections
        ],
        "recounted": findings.recounted,
    }


def _rows(findings: Findings) -> list[tuple[str, str]]:
    """What was found, each with what was done about it."""
    done = {True: "would be", False: "were"}[findings.dry_run]
    by_room = ", ".join(f"{count} {room}" for room, count in sorted(findings.strays.items()))
    strays = f"{findings.strays.total()} ({terminal.amount(findings.stray_bytes)}), {done} deleted: {by_room}"
    beyond = ", ".join(f"{count} in {kind}" for kind, count in findings.out_of_reach.items())
    rows = [
        ("images", f"{findings.images}, with {findings.objects} objects"),
        ("objects without a document", strays if findings.strays else "none"),
        ("remains of dead uploads", _if_any(findings.remains, f"{done} deleted")),
        ("originals missing", _missing(findings.originals_missing, "nothing is deleted")),
        ("presets missing", _missing(findings.presets_missing, f"{done} developed again")),
        ("tallies that were wrong", _if_any(len(findings.corrections), f"{done} corrected")),
    ]
    if findings.recounted:
        rows.append(("allowances", f"{findings.recounted} counted anew"))
    if beyond:
        rows.append(("out of reach", f"{beyond}: no such storage is set up here"))
    if findings.unclaimed:
        rows.append(
            ("of unknown owners", f"{findings.unclaimed} objects, left alone; --unknown-owners deletes them")
        )
    if findings.foreign:
        rows.append(("not ours", f"{findings.foreign} objects with keys of others, left alone"))
    return rows


def _missing(missing: Missing, done: str) -> str:
    shown = ", ".join(missing.image_ids[:MOST_SHOWN])
    more = ", …" if missing.count > MOST_SHOWN else ""
    return _if_any(missing.count, f"{done}: {shown}{more}")


def _if_any(count: int, text: str) -> str:
    return f"{count}, {text}" if count else "none"
