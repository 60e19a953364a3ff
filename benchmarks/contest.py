"""How contenders over one database are compared: the options, the table, the file of samples, the chart."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace, RawTextHelpFormatter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import chart, report, servers
from benchmarks.report import Goals
from benchmarks.rounds import Comparison


@dataclass(frozen=True)
class Contest:
    """What `compare` finds out, quickly or thoroughly; `title` stands above the chart of it."""

    description: str
    compare: Callable[[bool], Awaitable[list[Comparison]]]
    goals: Goals
    title: str
    unit: report.Unit = report.MILLISECONDS

    def options(self) -> Namespace:
        """What the command line says."""
        parser = ArgumentParser(description=self.description, formatter_class=RawTextHelpFormatter)
        parser.add_argument("--quick", action="store_true", help="a short run; its ratios say little")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample there")
        parser.add_argument("--chart", type=Path, metavar="FILE", help="draw the medians there, as SVG")
        return parser.parse_args()

    async def measure(self, options: Namespace) -> None:
        """Measure, print, write what is wanted."""
        begun = report.machine() | {"node": servers.node_version()}
        print(
            f"before: load average {begun['load_average'][0]:.2f}, {begun['processors']} processors; "
            f"Python {begun['python']}, Node.js {begun['node']}"
        )
        comparisons = await self.compare(options.quick)
        print(report.table(comparisons, self.goals, self.unit))
        if options.json:
            options.json.write_text(json.dumps(report.as_json(begun, comparisons, {}), indent=2) + "\n")
        if options.chart:
            options.chart.write_text(chart.svg(self.title, comparisons, self.unit))
