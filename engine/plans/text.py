"""The text of a plan while it is written: names, what they stand for, and the functions so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

INDENT = "    "


class Text:
    """One plan's text.

    Attributes:
        constants: What the written names stand for.
    """

    def __init__(self, **constants: Any) -> None:
        self.constants: dict[str, Any] = constants
        self._count = 0
        self._beginnings: list[str] = []
        self._functions: list[str] = []

    def name(self, prefix: str) -> str:
        """One that nothing else has."""
        self._count += 1
        return f"{prefix}{self._count}"

    def constant(self, prefix: str, value: object) -> str:
        """A name for a value that is the same in every run."""
        name = self.name(prefix)
        self.constants[name] = value
        return name

    def once(self, prefix: str, expression: str) -> str:
        """A name for what is made once a run."""
        name = self.name(prefix)
        self._beginnings.append(f"{name} = {expression}")
        return name

    def function(self, prefix: str, parameter: str, lines: Sequence[str]) -> str:
        """A name for a function of one parameter."""
        name = self.name(prefix)
        self._functions += [f"def {name}({parameter}):", *(INDENT + line for line in lines)]
        return name

    def table(self, entries: dict[str, str]) -> str:
        """A name for a dictionary from words to names."""
        name = self.name("n")
        cases = ", ".join(f"{word!r}: {case}" for word, case in entries.items())
        self._functions.append(f"{name} = {{{cases}}}")
        return name

    def plan(self, completions: Sequence[str]) -> str:
        """The whole, as a function that gives these."""
        body = [*self._beginnings, *self._functions, f"return [{', '.join(completions)}]"]
        return "\n".join(["def plan(begun):", *(INDENT + line for line in body)])
