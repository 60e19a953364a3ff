"""What comes of a corpus that is sent to the service."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from tests.client import Client
from tests.hostile.files.corpus import Case, Verdict
from tests.hostile.oracle import says_nothing_of_the_inside

SENT_AT_ONCE = 4
REFUSALS = ("UnsupportedFormatError", "CorruptImageError", "ImageTooLargeError", "FileTooLargeError")
ENDS = {"READY": Verdict.DEVELOPED, "FAILED": Verdict.FAILED}


async def verdicts(person: Client, cases: Iterable[Case]) -> dict[str, str]:
    """What became of each file."""
    turns = asyncio.Semaphore(SENT_AT_ONCE)

    async def one(case: Case) -> tuple[str, str]:
        async with turns:
            return case.about, await verdict(person, case)

    return dict(await asyncio.gather(*map(one, cases)))


async def verdict(person: Client, case: Case) -> str:
    """A `Verdict`, or what else was said."""
    answer = await person.try_to_upload(case.content, case.name)
    if not says_nothing_of_the_inside(str(answer)):
        return f"tells of the inside: {answer}"
    uploaded = (answer.get("data") or {}).get("uploadImage")
    if not uploaded:
        return str(answer)
    if uploaded["__typename"] != "UploadImagePayload":
        return Verdict.REFUSED if uploaded["__typename"] in REFUSALS else uploaded["__typename"]
    if uploaded["duplicate"]:
        return "taken for another"
    events = await person.progress(uploaded["image"]["id"])
    image = events[-1]["image"]
    if image["state"] == "READY" and len(image["variants"]) != 2:
        return "developed without presets"
    return ENDS.get(image["state"], image["state"])
