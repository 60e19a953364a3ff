"""A manifest on its way to the service, with what is to be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cli.options import one_of, refuse
from cli.terminal import say
from client import Darkroom, RefusedError
from client.generated import (
    BatchFields,
    CompressionInput,
    CompressionMode,
    ImageFormat,
    OnInvalidRow,
    ProblemFields,
    WebhookInput,
)

PROBLEMS_SHOWN: Final = 20
DEFAULT_QUALITY: Final = 50


@dataclass(frozen=True)
class Submission:
    """A manifest, and what is to be done with its images."""

    manifest: Path
    quality: int | None = None
    ratio: float | None = None
    image_format: str | None = None
    skip_invalid_rows: bool = False
    webhook: str | None = None
    webhook_secret: str | None = None

    def __post_init__(self) -> None:
        if self.quality is not None and self.ratio is not None:
            raise refuse("--ratio", "give a quality or a ratio, not both")
        if self.image_format:
            one_of(ImageFormat, "--format", self.image_format)
        if bool(self.webhook) != bool(self.webhook_secret):
            raise refuse("--webhook-secret", "a webhook has an address and a secret")

    @property
    def wishes(self) -> dict[str, Any]:
        """The input, but for the file."""
        by_ratio = self.ratio is not None
        compression = CompressionInput(
            mode=CompressionMode.TARGET_RATIO if by_ratio else CompressionMode.QUALITY,
            value=self.ratio if self.ratio is not None else self.quality or DEFAULT_QUALITY,
            format=one_of(ImageFormat, "--format", self.image_format) if self.image_format else None,
        )
        webhook = None
        if self.webhook and self.webhook_secret:
            webhook = WebhookInput(url=self.webhook, secret=self.webhook_secret)
        on_invalid_row = OnInvalidRow.SKIP_ROWS if self.skip_invalid_rows else OnInvalidRow.REJECT_FILE
        return {"compression": compression, "on_invalid_row": on_invalid_row, "webhook": webhook}

    async def send(self, darkroom: Darkroom) -> BatchFields:
        """The batch.

        Raises:
            RefusedError: There is none.
            UnreachableError: The service does not answer.
        """
        try:
            batch = await darkroom.submit(self.manifest, **self.wishes)
        except RefusedError as refusal:
            if refusal.code == "InvalidManifestError":
                _show(self.manifest, refusal.answer.problems, refusal.answer.problem_count)
            raise
        _show(self.manifest, batch.problems, batch.problem_count)
        return batch


def _show(manifest: Path, problems: Sequence[ProblemFields], count: int) -> None:
    """The problems of a manifest, as many as can be read."""
    for problem in problems[:PROBLEMS_SHOWN]:
        where = f"line {problem.line}" + (f", {problem.column}" if problem.column else "")
        say(f"{where}: {problem.message} {problem.hint or ''}".rstrip())
    if (more := count - PROBLEMS_SHOWN) > 0:
        say(f"{more:,} more; to see all: darkroom batch check {manifest}")
