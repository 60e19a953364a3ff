"""What is wrong with a manifest."""

from __future__ import annotations

from enum import Enum

import strawberry


@strawberry.enum(description="Whether a problem has to be mended.")
class ProblemSeverity(Enum):
    WARNING = strawberry.enum_value("WARNING", description="To be known; nothing is lost by it.")
    ERROR = strawberry.enum_value("ERROR", description="It keeps its row, or the whole file, out.")


@strawberry.type(description="One thing that is wrong with a manifest.")
class ManifestProblem:
    line: int = strawberry.field(description="The line on which the row begins, from 1.")
    column: str | None = strawberry.field(
        description="The heading of the cell; null if it is of no one cell."
    )
    code: str = strawberry.field(description="For programs; `docs/manifest.md` lists all.")
    message: str = strawberry.field(description="For people.")
    hint: str | None = strawberry.field(description="How it is mended.")
    severity: ProblemSeverity = strawberry.field(description="Whether it has to be.")
