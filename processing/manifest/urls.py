"""The addresses in a cell."""

from __future__ import annotations

import re
from typing import Final

from errors import InvalidInputError
from processing.fetch import target
from processing.manifest.problems import Code, shown

MAX_CHARACTERS: Final = 2_048

_SEPARATOR: Final = re.compile(r"[,;|\r\n](?=[ \t]*https?://)", re.IGNORECASE | re.ASCII)
"""Only before another address: addresses contain commas, too."""

_EDGES: Final = " \t\r\n,;|"
_BEGINNING: Final = re.compile(r"https?://", re.IGNORECASE | re.ASCII)
_CREDENTIALS: Final = re.compile(r"\w+://[^/?#]*@", re.ASCII)


def split(cell: str) -> list[str]:
    """The addresses, or what stands in their place, in their order."""
    return [url for part in _SEPARATOR.split(cell) if (url := part.strip().strip(_EDGES))]


def is_begun(text: str) -> bool:
    """Whether it begins as an address does."""
    return _BEGINNING.match(text.lstrip(_EDGES)) is not None


def flaw(url: str) -> tuple[Code, str] | None:
    """What keeps an address from being fetched. Whether anything is there to fetch, nobody asks."""
    if not _BEGINNING.match(url):
        return Code.NOT_A_URL, f"`{shown(url)}` is no address that begins with http:// or https://."
    if len(url) > MAX_CHARACTERS:
        return Code.URL_TOO_LONG, f"`{shown(url)}` has more than {MAX_CHARACTERS:,} characters."
    try:
        target.parsed(url)
    except InvalidInputError as refused:
        if _CREDENTIALS.match(url):
            return Code.URL_WITH_CREDENTIALS, "The address has a user or a password in it."
        return Code.INVALID_URL, f"`{shown(url)}` cannot be fetched. {refused.message}"
    return None
