"""As much of ImageKit's `searchQuery` as can be told from its documentation: what is not, is refused.

query: clause (AND | OR) clause …, in parentheses or not. clause: field operator value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from tests.imagekit.library import FILE, Asset

Matches = Callable[[Asset], bool]
TOKEN = re.compile(r'\s*(\[[^\]]*\]|"[^"]*"|[()]|AND\b|OR\b|IN\b|[=:]|[a-z]+)')
VALUES: dict[str, Callable[[Asset], str]] = {
    "type": lambda asset: asset.type,
    "name": lambda asset: asset.name,
    "path": lambda asset: asset.above,
}


def compiled(query: str) -> Matches:
    """Whether an asset is found.

    Raises:
        ValueError: The query is none.
    """
    tokens = _tokens(query)
    matches = _either(tokens)
    if tokens:
        raise ValueError(query)
    return matches if "type" in query else lambda asset: asset.type == FILE and matches(asset)


def _tokens(query: str) -> list[str]:
    tokens, at = [], 0
    while at < len(query.rstrip()):
        found = TOKEN.match(query, at)
        if not found:
            raise ValueError(query)
        tokens.append(found[1])
        at = found.end()
    return tokens


def _either(tokens: list[str]) -> Matches:
    parts = [_both(tokens)]
    while tokens[:1] == ["OR"]:
        tokens.pop(0)
        parts.append(_both(tokens))
    return lambda asset: any(part(asset) for part in parts)


def _both(tokens: list[str]) -> Matches:
    parts = [_one(tokens)]
    while tokens[:1] == ["AND"]:
        tokens.pop(0)
        parts.append(_one(tokens))
    return lambda asset: all(part(asset) for part in parts)


def _one(tokens: list[str]) -> Matches:
    if tokens[:1] == ["("]:
        tokens.pop(0)
        inside = _either(tokens)
        if not tokens or tokens.pop(0) != ")":
            raise ValueError("a parenthesis stays open")
        return inside
    if len(tokens) < 3 or tokens[0] not in VALUES:
        raise ValueError("no clause")
    value, operator, wanted = VALUES[tokens.pop(0)], tokens.pop(0), json.loads(tokens.pop(0))
    if operator == "IN" and isinstance(wanted, list):
        return lambda asset: value(asset) in wanted
    if operator == "=":
        return lambda asset: value(asset) == wanted
    if operator == ":":
        return lambda asset: value(asset).startswith(wanted)
    raise ValueError(operator)
