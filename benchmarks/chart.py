"""Medians as horizontal bars, in an SVG that can be read on a light and on a dark page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from benchmarks.report import Unit
from benchmarks.rounds import Comparison

WIDTH, LABELS, FIGURES = 720, 190, 130
"""The whole, and what is left and right of the longest bar."""

BAR, ROW, GROUP, TOP = 16, 24, 40, 44
LONGEST: Final = WIDTH - LABELS - FIGURES
STYLE: Final = """
  text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
  .title, .group { font-weight: 600 } .title { font-size: 15px } .label { text-anchor: end }
  .first { fill: #0a7d55 } .other { fill: #8c959f }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .first { fill: #3fb984 } .other { fill: #6e7681 } }
"""


def svg(title: str, comparisons: Sequence[Comparison], unit: Unit) -> str:
    """One group of bars for each comparison, with a scale of its own. The first side stands out; beside each other one
    stands its ratio.
    """
    shapes, y = [f'<text class="title" x="0" y="18">{escape(title)}</text>'], TOP
    for comparison in comparisons:
        shapes.append(f'<text class="group" x="0" y="{y + BAR - 3}">{escape(comparison.name)}</text>')
        shapes += _bars(comparison, unit, y + ROW)
        y += ROW * (len(comparison.sides) + 1) + GROUP - ROW
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" role="img">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n" + "\n".join(shapes) + "\n</svg>\n"
    )


def _bars(comparison: Comparison, unit: Unit, y: int) -> Iterator[str]:
    most = max(comparison.median(side, "cpu_ms") for side in comparison.sides)
    for number, side in enumerate(comparison.sides):
        cost, top = comparison.median(side, "cpu_ms"), y + number * ROW
        length, line = LONGEST * cost / most, top + BAR - 3
        figure = unit.shown(cost) + (
            f" · {comparison.ratio(side):.1f}\N{MULTIPLICATION SIGN}" if number else ""
        )
        yield (
            f'<text class="label" x="{LABELS - 10}" y="{line}">{escape(side)}</text>'
            f'<rect class="{"other" if number else "first"}" x="{LABELS}" y="{top}" width="{length:.1f}" height="{BAR}" rx="2"/>'
            f'<text x="{LABELS + length + 8:.1f}" y="{line}">{figure}</text>'
        )
