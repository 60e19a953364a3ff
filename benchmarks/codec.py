"""JPEGs made smaller: our codec against sharp on Node.js, in turns, in CPU per image; with sizes and SSIM.

Run it from the top folder: `python -m benchmarks.codec`, or `make bench-codec`, which fetches what it needs.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import photos, processes, report
from benchmarks.report import Goal

PEER = Path(__file__).parent / "peers" / "sharp_codec.cjs"
SIZES = {"1 MB": (1_050_000, 2560, 1920, 6), "4 MB": (4_200_000, 4000, 3000, 2)}
"""Bytes at most, sides in pixels, and how often an image is made in a round."""
QUALITY = 50
MOST_BYTES, MOST_COST = 1.08, 2.0
RATIOS = (0.5, 0.3)


class Compressor:
    """A process that compresses files."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ours
        self.name = self._answer()["name"]

    def cpu_ms(self, asked: dict[str, Any]) -> float:
        """What each image costs."""
        before = processes.cpu_ms(self._process.pid)
        if self._process.stdin is None:
            raise BrokenPipeError
        print(json.dumps(asked), file=self._process.stdin, flush=True)
        self._answer()
        return (processes.cpu_ms(self._process.pid) - before) / asked["count"]

    def _answer(self) -> dict[str, Any]:
        if self._process.stdout is None:
            raise BrokenPipeError
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        """Ends it."""
        self._process.communicate()


@dataclass
class Side:
    """A way to make an image smaller, and what it cost and gave, image by image and round by round."""

    name: str
    compressor: Compressor
    asked: dict[str, Any]
    cpu_ms: list[float] = field(default_factory=list)
    share: list[float] = field(default_factory=list)
    ssim: list[float] = field(default_factory=list)

    def run(self, file: Path, folder: Path, count: int) -> None:
        """Measures one image."""
        result = folder / "result.jpg"
        asked = {**self.asked, "file": str(file), "count": count, "result": str(result)}
        self.cpu_ms.append(self.compressor.cpu_ms(asked))
        self.share.append(result.stat().st_size / file.stat().st_size)
        self.ssim.append(photos.ssim(result.read_bytes(), file.read_bytes()))


@contextmanager
def compressors() -> Iterator[tuple[Compressor, Compressor]]:
    """Ours and sharp."""
    ours = Compressor([sys.executable, "-m", "benchmarks.codec_child"])
    theirs = Compressor([shutil.which("node") or "node", str(PEER)])
    try:
        yield ours, theirs
    finally:
        ours.close()
        theirs.close()


def measure(options: argparse.Namespace) -> None:
    """All sizes, all sides."""
    print(f"before: load average {report.machine()['load_average'][0]:.2f}")
    with tempfile.TemporaryDirectory() as made, compressors() as (ours, theirs):
        for size, (size_bytes, width_px, height_px, count) in SIZES.items():
            files = []
            for seed in range(2 if options.quick else options.images):
                picture = (
                    photos.of_folder(options.photos, width_px, height_px, seed)
                    if options.photos
                    else photos.drawn(width_px, height_px, seed)
                )
                files.append(Path(made) / f"{size_bytes}-{seed}.jpg")
                files[-1].write_bytes(photos.jpeg(picture.copy_memory(), size_bytes))
            sides = _sides(ours, theirs)
            for number in range(2 if options.quick else options.rounds):
                for file in files:
                    for side in sides if number % 2 == 0 else sides[::-1]:
                        side.run(file, Path(made), count)
            print(_table(size, sides), flush=True)


def _sides(ours: Compressor, theirs: Compressor) -> list[Side]:
    return [
        Side(theirs.name, theirs, {"quality": QUALITY}),
        Side(ours.name, ours, {"quality": QUALITY}),
        Side("the same, own codes", ours, {"quality": QUALITY, "optimised": True}),
        *(Side(f"to {ratio:g} of the bytes", ours, {"ratio": ratio}) for ratio in RATIOS),
    ]


def _table(size: str, sides: Sequence[Side]) -> str:
    peer, ours, *_ = sides
    lines = [
        f"\n{size:10}{'':24}{'CPU ms':>9}{'images/CPU s':>14}{'of input':>10}{'SSIM':>9}{'least gain':>12}"
    ]
    for side in sides:
        cpu = statistics.median(side.cpu_ms)
        gain = min(a - b for a, b in zip(side.ssim, peer.ssim, strict=True))
        figures = f"{cpu:9.1f}{1000 / cpu:14.1f}{statistics.mean(side.share):10.3f}{statistics.mean(side.ssim):9.5f}"
        lines.append(f"{'':10}{side.name:24}{figures}{gain:+12.5f}")
    for side, goal in zip(sides[1:3], (Goal(2.0, 2.5), Goal(1.5, 1.8)), strict=True):
        lines.append(f"{'':10}{peer.name} / {side.name}: {_ratios(peer, side, goal)}")
        lines.append(f"{'':10}  bytes {_bytes(side, peer)} of sharp's, may be {MOST_BYTES}")
    lines += [f"{'':10}{side.name}: {_cost(side, ours)}" for side in sides[3:]]
    return "\n".join(lines)


def _ratios(peer: Side, side: Side, goal: Goal) -> str:
    ratios = [theirs / ours for theirs, ours in zip(peer.cpu_ms, side.cpu_ms, strict=True)]
    median = statistics.median(ratios)
    return f"{median:.2f} [{min(ratios):.2f}..{max(ratios):.2f}] {goal.verdict(median)}"


def _bytes(side: Side, peer: Side) -> str:
    each = [ours / theirs for ours, theirs in zip(side.share, peer.share, strict=True)]
    return f"{statistics.mean(each):.3f} [{min(each):.3f}..{max(each):.3f}]"


def _cost(side: Side, quality: Side) -> str:
    costs = [cost / other for cost, other in zip(side.cpu_ms, quality.cpu_ms, strict=True)]
    shares = [share / side.asked["ratio"] for share in side.share]
    return (
        f"{statistics.median(costs):.2f} [{min(costs):.2f}..{max(costs):.2f}] times QUALITY {QUALITY}, "
        f"may be {MOST_COST}; {min(shares):.3f}..{max(shares):.3f} of the goal"
    )


def options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two images and two rounds")
    parser.add_argument("--images", type=int, default=4, help="of each size")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--photos", type=Path, metavar="FOLDER", help="make the images of these photographs")
    return parser.parse_args()


if __name__ == "__main__":
    measure(options())
