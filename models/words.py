"""The words that an image is found by, written so that case, accents and invisible characters make no difference."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

LONGEST_CHARACTERS = 32
LONGEST_SORT_NAME_CHARACTERS = 255
IGNORED = {"Mn", "Mc", "Me", "Cf"}  # marks, and what is not seen, such as joiners and soft hyphens
RUN = re.compile(r"[^\W_]+")  # letters and digits of any script
PART = re.compile(r"(?<=[^\W\d_])(?=\d{3})|(?<=\d)(?=[^\W\d_]{3})")


def of(filename: str, caption: str | None, tags: Sequence[str]) -> list[str]:
    """What an image is found by: each word once, sorted.

    A run of letters and digits is a word; so is its rest from where three or more digits follow a letter, or letters
    a digit: `IMG2041.jpg` is found by `img2041` and by `2041`.
    """
    runs = _runs(" ".join([filename, caption or "", *tags]))
    return sorted({run[start:][:LONGEST_CHARACTERS] for run in runs for start in _starts(run)})


def sought(text: str) -> list[str]:
    """The words of a search, each once: each is to be the beginning of a word of what is found."""
    return list(dict.fromkeys(run[:LONGEST_CHARACTERS] for run in _runs(text)))


def sort_name(filename: str) -> str:
    """What a list by filename is sorted by."""
    return folded(filename)[:LONGEST_SORT_NAME_CHARACTERS]


def folded(text: str) -> str:
    """The text in lower case without accents: what is left is the same however it was typed.

    Folding twice, since taking an accent away, or folding the case, may leave something to be folded.
    """
    return _folded_once(_folded_once(text))


def _folded_once(text: str) -> str:
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if unicodedata.category(c) not in IGNORED)


def _runs(text: str) -> Iterable[str]:
    return RUN.findall(folded(text))


def _starts(run: str) -> list[int]:
    return [0, *(part.start() for part in PART.finditer(run))]
