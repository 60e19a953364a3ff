"""Writes a plan as Python: one function for each selection set, with its checks in line.

What is written looks like this, for `{ book(id: "…") { title author { email } } }`:

    def plan(begun):
        i1 = begun.info(f2)
        w3 = begun.loaded('author', lambda v: c9(v), r4, {})
        def o5(s):
            if s.__class__ not in vetted: vet(s)
            v6 = s.email
            if not (v6.__class__ is str): v6 = l7(v6)
            d = {'email': v6}
            return d
        …
        return [c10]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphql import Executor, GraphQLObjectType, default_field_resolver

from engine.plans import arguments
from engine.plans.access import Attribute, Called, Resolved
from engine.plans.arguments import Sharing
from engine.plans.departing import Prompt, Vetted, depart
from engine.plans.leaves import listed
from engine.plans.selections import Field, Selections
from engine.plans.text import Text
from engine.plans.values import Values


@dataclass(frozen=True)
class Written:
    """A field within the function of its object: its entry in the display, and the lines before and behind that."""

    entry: str
    before: Sequence[str] = ()
    after: Sequence[str] = ()


class Writer:
    """Writes one plan.

    Args:
        core: graphql-core's executor of the operation, with variables that say what is skipped and what included.

    Attributes:
        roots: The fields of the operation's root.
    """

    def __init__(self, core: Executor[Any]) -> None:
        vetted, prompt = Vetted(), Prompt()
        self._text = Text(
            vetted=vetted.classes,
            vet=vetted.vet,
            depart=depart,
            listed=listed,
            prompt=prompt.classes,
            late=prompt.late,
            held=prompt.held,
            copied=arguments.copied,
        )
        self._selections = Selections(core)
        self._values = Values(self._text, core, self._object)
        self._infos: dict[Field, str] = {}
        self.roots = self._selections.roots()

    def write(self) -> tuple[str, dict[str, Any]]:
        """The plan's source, and what its names stand for.

        It defines `plan`: from a run that has begun to a completing function for each of the roots.
        """
        completions = [self._completion(root) for root in self.roots]
        return self._text.plan(completions), self._text.constants

    @property
    def field_count(self) -> int:
        """How large the plan is, once it is written."""
        return self._selections.count

    def _object(self, object_type: GraphQLObjectType, field: Field, told: str) -> str:
        """A function from a source to the object of the answer."""
        written = [self._field(each) for each in self._selections.below(field, object_type)]
        lines = ["if s.__class__ not in vetted: vet(s)"]
        if object_type.is_type_of is not None:
            lines += [
                f"b = {self._text.constant('t', object_type.is_type_of)}(s, {told})",
                "if b is not True: depart(b)",
            ]
        lines += [line for each in written for line in each.before]
        lines.append(f"d = {{{', '.join(each.entry for each in written)}}}")
        lines += [line for each in written for line in each.after]
        return self._text.function("o", "s", [*lines, "return d"])

    # ------------------------------------------------------------------ fields

    def _field(self, field: Field) -> Written:
        if field.is_typename:
            return Written(f"{field.key!r}: {field.parent_type.name!r}")
        if isinstance(field.access, Attribute):
            return self._read(field, f"s.{field.access.name}")
        if isinstance(field.access, Resolved):
            return self._resolved(field, field.access)
        if field.access.load is not None:
            return self._loaded(field, field.access)
        if field.access.is_async:
            return self._awaited(field, field.access)
        return self._asked(field, self._call(field, field.access))

    def _read(self, field: Field, expression: str, *checks: str) -> Written:
        """A value that is there at once."""
        value = self._text.name("v")
        completing = self._values.completed(value, field, self._told)
        before = [f"{value} = {expression}", *(check.format(v=value) for check in checks), *completing]
        return Written(f"{field.key!r}: {value}", before)

    def _resolved(self, field: Field, got: Resolved) -> Written:
        call = f"{self._text.constant('r', got.resolve)}(s, {self._told(field)}{self._arguments(field)})"
        if got.resolve is default_field_resolver:
            return self._read(field, call, "if {v}.__class__ not in prompt: held({v})")
        return self._asked(field, call)

    def _asked(self, field: Field, call: str) -> Written:
        """Whether the value comes at once or later shows when it is asked for."""
        value, later, completion = self._text.name("v"), self._text.name("p"), self._completion(field)
        plain = self._values.plain(value, field)
        before = [
            f"{value} = {call}",
            f"{later} = None if {plain or f'{value}.__class__ in prompt'} else late({value})",
            f"if {later} is not None: {value} = begun.hold({later})",
            f"elif not ({plain}): {value} = {completion}({value})"
            if plain
            else f"else: {value} = {completion}({value})",
        ]
        after = [f"if {later} is not None: begun.late({field.key!r}, {completion}, {later}, d)"]
        return Written(f"{field.key!r}: {value}", before, after)

    def _awaited(self, field: Field, got: Called) -> Written:
        completion = self._completion(field)
        waiting = self._text.once("w", f"begun.awaited({field.key!r}, lambda v: {completion}(v))")
        after = [f"{waiting}.items.append(({self._call(field, got)}, d))"]
        return Written(f"{field.key!r}: None", after=after)

    def _loaded(self, field: Field, got: Called) -> Written:
        completion, load = self._completion(field), self._text.constant("r", got.load)
        given = self._converted(field, got) if field.takes_arguments else "{}"
        making = f"begun.loaded({field.key!r}, lambda v: {completion}(v), {load}, {given})"
        waiting = self._text.once("w", making)
        return Written(f"{field.key!r}: None", after=[f"{waiting}.items.append((s, d))"])

    def _completion(self, field: Field) -> str:
        """A function from a field's value to what stands in the answer."""
        lines = self._values.completed("v", field, self._told)
        return self._text.function("c", "v", [*lines, "return v"])

    # ------------------------------------------------------------------ what resolvers are given

    def _call(self, field: Field, got: Called) -> str:
        given = ["s"] if got.takes_self else []
        given += [f"{name}=s" for name in got.source_names]
        given += [f"{got.info_name}={self._told_called(field, got)}"] if got.info_name else []
        if field.takes_arguments:
            given.append(f"**{self._for_each_call(field, self._converted(field, got))}")
        return f"{self._text.constant('r', got.function)}({', '.join(given)})"

    def _told(self, field: Field) -> str:
        """What graphql-core's functions are told about a field."""
        if field not in self._infos:
            self._infos[field] = self._text.once("i", f"begun.info({self._text.constant('f', field)})")
        return self._infos[field]

    def _told_called(self, field: Field, got: Called) -> str:
        """What Strawberry's functions are told about it."""
        return self._text.once("k", f"{self._text.constant('r', got.info)}({self._told(field)})")

    def _arguments(self, field: Field) -> str:
        """What a resolver of graphql-core's is given beside source and info."""
        if not field.takes_arguments:
            return ""
        return f", **{self._for_each_call(field, self._coerced(field))}"

    def _coerced(self, field: Field) -> str:
        return f"begun.arguments({self._text.constant('f', field)})"

    def _converted(self, field: Field, got: Called) -> str:
        convert, told = self._text.constant("r", got.arguments), self._told_called(field, got)
        return f"{convert}({self._coerced(field)}, {told})"

    def _for_each_call(self, field: Field, making: str) -> str:
        shared = arguments.sharing(field.definition)
        if shared is Sharing.ANEW:
            return making
        once = self._text.once("a", making)
        return f"copied({once})" if shared is Sharing.COPIED else once
