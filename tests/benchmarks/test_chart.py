from __future__ import annotations

from xml.etree import ElementTree as ET

from benchmarks import chart
from benchmarks.report import MILLISECONDS
from benchmarks.rounds import Comparison, Sample

SVG = "{http://www.w3.org/2000/svg}"


def comparison(**costs):
    samples = {name: [Sample(cost, 0, 0)] for name, cost in costs.items()}
    return Comparison("a < b", tuple(costs), samples)


def drawn(*comparisons):
    return ET.fromstring(chart.svg("CPU & time", comparisons, MILLISECONDS))  # noqa: S314 - ours


def test_bars_are_as_long_as_what_they_show_costs():
    bars = drawn(comparison(ours=1.5, theirs=6.0)).findall(f"{SVG}rect")

    ours, theirs = (float(bar.get("width")) for bar in bars)
    assert theirs == 4 * ours


def test_each_group_has_a_scale_of_its_own():
    bars = drawn(comparison(ours=1, theirs=2), comparison(ours=100, theirs=200)).findall(f"{SVG}rect")

    widths = [bar.get("width") for bar in bars]
    assert widths[:2] == widths[2:]


def test_names_and_figures_stand_beside_the_bars():
    texts = [text.text for text in drawn(comparison(ours=0.5, theirs=2)).findall(f"{SVG}text")]

    assert texts == ["CPU & time", "a < b", "ours", "0.500", "theirs", "2.00 · 4.0\N{MULTIPLICATION SIGN}"]


def test_nothing_is_drawn_outside_the_picture():
    picture = drawn(comparison(ours=1, theirs=2), comparison(ours=3, theirs=1))

    _, _, width, height = map(float, picture.get("viewBox").split())
    for bar in picture.findall(f"{SVG}rect"):
        assert float(bar.get("x")) + float(bar.get("width")) <= width
        assert float(bar.get("y")) + float(bar.get("height")) <= height
