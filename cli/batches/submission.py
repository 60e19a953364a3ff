"""A manifest on its way in."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp

from cli.batches.service import RefusedError, Service
from cli.session import refuse, say

ATTEMPTS: Final = 5
PAUSE_SECONDS: Final = 2.0
PROBLEMS_SHOWN: Final = 20
CREATE: Final = """
mutation ($input: CreateBatchInput!) {
  createBatch(input: $input) {
    __typename
    ... on CreateBatchPayload { batch { id counts { total } problemCount problems { ...Problem } } }
    ... on InvalidManifestError { message problemCount problems { ...Problem } }
    ... on Error { message }
  }
}
fragment Problem on ManifestProblem { line column code message hint severity }
"""


@dataclass(frozen=True)
class Submission:
    """A manifest, and what is to be done with its images.

    The key has a submission whose answer was lost begin nothing twice.
    """

    manifest: Path
    quality: int | None = None
    ratio: float | None = None
    image_format: str | None = None
    skip_invalid_rows: bool = False
    webhook: str | None = None
    webhook_secret: str | None = None
    key: str = field(default_factory=lambda: secrets.token_hex(16))

    def __post_init__(self) -> None:
        if self.quality is not None and self.ratio is not None:
            raise refuse("--ratio", "give a quality or a ratio, not both")
        if bool(self.webhook) != bool(self.webhook_secret):
            raise refuse("--webhook-secret", "a webhook has an address and a secret")

    @property
    def fields(self) -> dict[str, Any]:
        """The input, but for the file."""
        mode, value = (
            ("TARGET_RATIO", self.ratio) if self.ratio is not None else ("QUALITY", self.quality or 50)
        )
        compression = {"mode": mode, "value": value, "format": self.image_format}
        webhook = {"url": self.webhook, "secret": self.webhook_secret} if self.webhook else None
        return {
            "compression": compression,
            "onInvalidRow": "SKIP_ROWS" if self.skip_invalid_rows else "REJECT_FILE",
            "webhook": webhook,
            "idempotencyKey": self.key,
        }

    async def send(self, service: Service) -> dict[str, Any]:
        """The batch.

        Raises:
            RefusedError: There is none.
            aiohttp.ClientError, TimeoutError: The service does not answer.
        """
        answered = await self._sent(service)
        _show(answered.get("batch", answered))
        if "batch" not in answered:
            raise RefusedError(answered["message"])
        batch: dict[str, Any] = answered["batch"]
        return batch

    async def _sent(self, service: Service) -> dict[str, Any]:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return dict((await service.send_file(CREATE, self.manifest, **self.fields))["createBatch"])
            except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
                if attempt == ATTEMPTS:
                    raise
                say(f"no answer ({error}); once more")
                await asyncio.sleep(PAUSE_SECONDS)
        raise AssertionError


def _show(told: dict[str, Any]) -> None:
    """The problems of a manifest, as many as can be read."""
    problems = told.get("problems", [])
    for problem in problems[:PROBLEMS_SHOWN]:
        where = f"line {problem['line']}" + (f", {problem['column']}" if problem["column"] else "")
        say(f"{where}: {problem['message']} {problem['hint'] or ''}".rstrip())
    if (more := told.get("problemCount", 0) - PROBLEMS_SHOWN) > 0:
        say(f"{more} more problems")
