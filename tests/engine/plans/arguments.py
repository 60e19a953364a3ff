"""Arguments as documents have them: literals of every kind, with variables in any place where one may be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLField,
    Undefined,
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
)

from tests.engine.plans.choices import Choices

LITERALS = {
    "Int": ("0", "1", "-7", "3", "2147483647", "-2147483648"),
    "Float": ("0", "1.5", "-2e3", "7", "-0.0"),
    "String": ('""', '"a"', '"\\u00fc \\n"', '"""\n  block\n    text\n"""', '"name"'),
    "Boolean": ("true", "false"),
    "ID": ('"a"', "7", '""', '"Cat"'),
    "Odd": ('"fine"', "3", "{ a: [1] }", "[]", "NAME", '"x"'),
    "Json": ('{ a: 1, b: [true, "x", null] }', "[1.5]", '"x"', "7", "ENUM", "{}"),
}
OTHERWISE = ('"x"', "1")


@dataclass
class Variable:
    """A variable of an operation."""

    name: str
    type: Any
    default: str | None

    def __str__(self) -> str:
        return f"${self.name}: {self.type}" + (f" = {self.default}" if self.default is not None else "")


@dataclass
class Arguments:
    """Writes arguments, and remembers which variables they take."""

    choices: Choices
    declared: list[Variable] = field(default_factory=list)
    literals: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def declarations(self) -> str:
        """What stands behind the operation's name."""
        return f"({', '.join(map(str, self.declared))})" if self.declared else ""

    def of_field(self, wanted: GraphQLField) -> str:
        """What stands behind the field's name: all that is required, and some of the rest."""
        given = [
            f"{name}: {self.value(argument.type, has_default=argument.default_value is not Undefined, name=name)}"
            for name, argument in wanted.args.items()
            if is_required_argument(argument) or self.choices.chance(45)
        ]
        return f"({', '.join(given)})" if given else ""

    def condition(self) -> str:
        """For `@skip` and `@include`."""
        way = self.choices.below(4)
        return ("true", "false")[way] if way < 2 else self.variable("Boolean!", has_default=False)

    def value(self, wanted: Any, *, has_default: bool, depth: int = 3, name: str = "") -> str:
        """A literal or a variable."""
        if self.choices.chance(35):
            return self.variable(wanted, has_default=has_default)
        return self.literal(wanted, depth, name)

    def variable(self, wanted: Any, *, has_default: bool) -> str:
        """One that may stand here: there is one already, or it is declared now."""
        fit = [one for one in self.declared if str(one.type) == str(wanted)]
        if fit and self.choices.below(2):
            return f"${self.choices.one_of(fit).name}"
        kind, default = wanted, None
        is_required = str(wanted).endswith("!")
        if self.choices.chance(40):
            default = self.constant(wanted)
            if is_required and self.choices.below(2):
                kind = str(wanted)[:-1] if isinstance(wanted, str) else wanted.of_type
        elif is_required and has_default:
            kind = wanted.of_type
        elif not is_required and self.choices.chance(20):
            kind = f"{wanted}!"
        self.declared.append(Variable(f"v{len(self.declared)}", kind, default))
        return f"${self.declared[-1].name}"

    def constant(self, wanted: Any) -> str:
        """A literal without variables, which is not null where that is not wanted."""
        if isinstance(wanted, str):
            return self.choices.one_of(("true", "false"))
        own, self.value = self.value, lambda inner, depth=3, **_: self.literal(inner, depth)  # type: ignore[method-assign,assignment]
        try:
            return self.literal(wanted, 2)
        finally:
            self.value = own  # type: ignore[method-assign]

    def literal(self, wanted: Any, depth: int, name: str = "") -> str:
        """A literal, with variables inside."""
        if not is_non_null_type(wanted) and self.choices.chance(10):
            return "null"
        kind = get_nullable_type(wanted)
        if is_list_type(kind):
            return self._list(kind, depth)
        if is_enum_type(kind):
            return self.choices.one_of(list(kind.values))
        if is_input_object_type(kind):
            return self._object(kind, depth)
        return self.choices.one_of(self.literals.get(name) or LITERALS.get(kind.name, OTHERWISE))

    def _list(self, kind: Any, depth: int) -> str:
        if not self.choices.below(5):
            return self.literal(kind.of_type, depth - 1) if is_non_null_type(kind.of_type) else "[]"
        items = [
            self.value(kind.of_type, has_default=False, depth=depth - 1) for _ in range(self.choices.below(4))
        ]
        return f"[{', '.join(items)}]"

    def _object(self, kind: Any, depth: int) -> str:
        if kind.is_one_of:
            name, wanted = self.choices.one_of(list(kind.fields.items()))
            return f"{{ {name}: {self._present(wanted.type, depth - 1)} }}"
        given = [
            f"{name}: {self.value(wanted.type, has_default=wanted.default_value is not Undefined, depth=depth - 1, name=name)}"
            for name, wanted in kind.fields.items()
            if is_required_input_field(wanted) or (depth > 0 and self.choices.chance(40))
        ]
        return f"{{ {', '.join(given)} }}"

    def _present(self, wanted: Any, depth: int) -> str:
        for _ in range(5):
            written = self.literal(wanted, depth)
            if written != "null":
                return written
        return "[]" if is_list_type(wanted) else "{}"
