"""The pages lead somewhere: each link to a page, a file or a heading of ours ends at one, and each page can be found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

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
