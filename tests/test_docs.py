"""The pages are true: links, files, commands and settings that they name are there, and each page can be found."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests import shell

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [*ROOT.glob("*.md"), *DOCS.glob("*.md"), *DOCS.glob("recipes/*.md"), ROOT / "benchmarks/README.md"]
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
NAMED = re.compile(r"`((?:docs|web|deploy|benchmarks|tests|client)/[\w./-]+)`")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def links(page: Path) -> list[str]:
    return [link for link in LINK.findall(CODE.sub("", page.read_text())) if "://" not in link]


def anchors(page: Path) -> set[str]:
    """What its headings are called in an address, as GitHub has it."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_nowhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    return not target.exists() or bool(anchor and anchor not in anchors(target))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_ends_at_something(page):
    assert [link for link in links(page) if leads_nowhere(page, link)] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_file_that_is_named_is_there(page):
    files = [name for name in NAMED.findall(page.read_text()) if "…" not in name]

    built = ("web/dist", "web/src/gql")
    assert [name for name in files if not (ROOT / name).exists() and not name.startswith(built)] == []


def test_the_index_leads_to_every_page():
    index = DOCS / "README.md"
    led_to = {(DOCS / link.partition("#")[0]).resolve() for link in links(index)}

    pages = [page for page in PAGES if page.is_relative_to(DOCS) and page != index]
    assert [named(page) for page in pages if page not in led_to] == []


def commands(page: Path) -> list[list[str]]:
    """What it tells people to type that is ours: in blocks for a shell, and in lines with an option."""
    text = page.read_text()
    lines = "\n".join(shell.steps(text)).replace("\\\n", " ").splitlines()
    typed = [line for line in lines if re.match(r"([A-Z_]+=\S+ )*darkroom ", line)]
    typed += re.findall(r"`(darkroom [a-z][^`\n]* --[^`\n]*)`", text)
    return [shlex.split(re.split(r" [>|] ", line)[0], comments=True) for line in typed if "…" not in line]


TYPED = [(page, words) for page in PAGES for words in commands(page)]


@pytest.mark.parametrize(
    ("page", "words"), TYPED, ids=lambda part: "" if isinstance(part, Path) else " ".join(part)
)
def test_the_command_line_takes_what_is_shown(page, words, tmp_path, monkeypatch):
    for name in (word for word in words if re.fullmatch(r"[\w*-]+\.[a-z]+", word)):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    assigned = [word.partition("=")[0] for word in words if re.match(r"[A-Z_]+=", word)]

    assert [name for name in assigned if name not in shell.settings()] == []
    assert shell.parsed(words[len(assigned) :])


@pytest.mark.parametrize("name", ["providers.md", "kafka.md"])
def test_what_is_shown_as_a_setting_is_one(name):
    shown = re.findall(
        r"^([A-Z][A-Z0-9_]+)=", "\n".join(shell.steps((DOCS / name).read_text())), re.MULTILINE
    )

    assert shown
    assert [one for one in shown if one not in shell.settings()] == []
