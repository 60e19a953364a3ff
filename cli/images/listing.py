"""`darkroom images list`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final

from rich.console import Console

from cli import remote, terminal
from cli.account import Account
from cli.options import one_of
from cli.terminal import Column
from client import Darkroom
from client.generated import GalleryFilter, GalleryGallery, ImageFields, ImageState

MOST_A_PAGE: Final = 100
WIDE_ENOUGH_FOR_IDS: Final = 120
ID: Final = Column("Id", width=40)
COLUMNS: Final = (
    Column("Uploaded", width=16),
    Column("State", width=10, is_state=True),
    Column("Size", width=11, align="right"),
    Column("Bytes", width=10, align="right"),
    Column("Filename", share=3),
    Column("Tags", share=2),
)

Print = Callable[[list[ImageFields], bool], None]


def wanted(
    *, search: str | None, tags: list[str] | None, state: str | None, batch_id: str | None, trashed: bool
) -> GalleryFilter:
    """By the options. Raises `typer.BadParameter` if there is no such state."""
    return GalleryFilter(
        search=search,
        tagsAll=tags,
        state=one_of(ImageState, "--state", state) if state else None,
        batchId=batch_id,
        trashed=trashed or None,
    )


def run(account: Account, narrowed: GalleryFilter, *, limit: int, as_json: bool) -> int:
    """The exit status. `limit` 0 is all of them."""
    print_page: Print = _print_lines if as_json else _print_table

    async def work(darkroom: Darkroom) -> int:
        size = min(limit, MOST_A_PAGE) or MOST_A_PAGE
        async with aclosing(darkroom.pages(narrowed, size)) as pages:
            shown, total = await _printed(pages, limit, print_page)
        if shown < total:
            terminal.say(f"{shown:,} of {total:,} images; --limit 0 lists all")
        elif not total:
            terminal.say("there are no such images")
        return 0

    return remote.run(account, work)


async def _printed(
    pages: AsyncGenerator[GalleryGallery, None], limit: int, print_page: Print
) -> tuple[int, int]:
    """How many were printed, and how many there were when the last page was read."""
    shown = total = 0
    async for page in pages:
        nodes = page.nodes[: limit - shown] if limit else page.nodes
        if nodes:
            print_page(nodes, shown == 0)
        shown, total = shown + len(nodes), page.total_count
        if shown == limit:
            break
    return shown, total


def _print_lines(images: list[ImageFields], _: bool) -> None:  # noqa: FBT001 - as `_print_table`
    for image in images:
        print(image.model_dump_json(by_alias=True))


def _print_table(images: list[ImageFields], is_first: bool) -> None:  # noqa: FBT001 - its caller gives it no name
    console = Console()
    has_ids = not console.is_terminal or console.width >= WIDE_ENOUGH_FOR_IDS
    columns = (ID, *COLUMNS) if has_ids else COLUMNS
    rows = [((image.id, *_row(image)) if has_ids else _row(image)) for image in images]
    terminal.print_table(columns, rows, headed=is_first)


def _row(image: ImageFields) -> tuple[str, ...]:
    return (
        image.created_at.astimezone().strftime("%Y-%m-%d %H:%M"),
        image.state.lower(),
        f"{image.width_px}x{image.height_px}",
        terminal.amount(image.size_bytes),
        image.filename,
        ", ".join(image.tags),
    )
