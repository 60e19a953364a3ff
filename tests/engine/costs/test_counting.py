"""What an operation may cost is counted before it runs."""

from __future__ import annotations

import pytest

from tests.engine.costs.friends import costs, nodes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ __typename }", 0),
        ("{ me { name __typename } }", 1),
        ("{ me { best { best { name } } } }", 3),
        ("{ a: me { name } b: me { name } }", 2),
        ("{ me { friends(first: 3) { name } } }", 1 + 3),
        ("{ me { friends(first: 3) { friends(first: 4) { best { name } } } } }", 1 + 3 * (1 + 4 * 2)),
        ("{ me { a: friends(first: 3) { name } b: friends(first: 4) { name } } }", 1 + 3 + 4),
        ("{ me { a: friends(first: 3) { c: friends(first: 2) { name } d: friends(first: 2) { name } } } }", 1 + 3 * 5),
        ("{ me { friends { name } } }", 1 + 5),
        ("{ me { friends(first: null) { name } } }", 1 + 5),
        ("{ me { someFriends { name } } }", 1 + 7),
        ("{ me { someFriends(first: null) { name } } }", 1 + 5),
        ("{ me { friends(first: -3) { name } } }", 1),
        ("{ me { friends(first: 0) { best { name } } } }", 1),
        ("{ me { strangers { name } } }", 1 + 10),
        ("{ me { grid(side: 3) { name } } }", 1 + 9),
        ("{ me { circle(first: 4) { size edges { node { name } } } } }", 1 + 1 + 4 * 2),
        ("{ me { circle(first: 4) { edges { node { circle(first: 2) { nodes { name } } } } } } }", 2 + 4 * (2 + 1 + 2)),
        ("{ me { circle { ...C } } } fragment C on Circle { nodes { name } ... { edges { node { name } } } }", 2 + 5 * 3),
        ("{ a: me { circle(first: 2) { ...C } } b: me { circle(first: 3) { ...C } } } fragment C on Circle { nodes { name } }", 2 + 2 + 2 + 3),
        ("{ circle { nodes { name } } }", 1 + 10),
        ("{ being { friends(first: 2) { name } } }", 1 + 2),
        ("{ being { name ... on Robot { parts { name } } ... on Person { best { name } } } }", 1 + 3 + 1),
        ("{ anybody { ... on Being { friends(first: 2) { name } } ... on Robot { parts { name } } } }", 1 + 2 + 3),
        ("mutation { befriend(ids: [1, 2, 3]) { nodes { name } } }", 1 + 3),
        ("subscription { met { friends(first: 6) { name } } }", 1 + 6),
        ("query a { me { friends { ...F } } } fragment F on Person { best { ...G } } fragment G on Person { best { name } }", 1 + 5 * 3),
        ('{ __schema { types { fields { name } } } __type(name: "Person") { fields { name } } }', 0),
    ],
)  # fmt: skip
def test_every_object_is_a_node_and_lists_multiply(text, expected):
    assert nodes(text) == expected


def test_fields_that_are_merged_are_counted_each():
    assert nodes("{ me { best { name } } me { best { best { name } } } }") == 2 + 3


@pytest.mark.parametrize(
    ("variables", "expected"),
    [({}, 5), ({"n": 3}, 3), ({"n": None}, 5), ({"n": 0}, 0), ({"n": 1_000_000}, 1_000_000)],
)
def test_a_variable_counts_as_what_it_is_and_null_and_missing_as_what_the_field_makes_of_them(
    variables, expected
):
    assert nodes("query ($n: Int) { me { friends(first: $n) { name } } }", **variables) == 1 + expected


@pytest.mark.parametrize(("variables", "expected"), [({}, 7), ({"n": 3}, 3), ({"n": None}, 5)])
def test_a_missing_variable_leaves_an_argument_its_default_and_null_does_not(variables, expected):
    assert nodes("query ($n: Int) { me { someFriends(first: $n) { name } } }", **variables) == 1 + expected


@pytest.mark.parametrize(("variables", "expected"), [({}, 2), ({"n": 3}, 3), ({"n": None}, 5)])
def test_a_variable_has_its_own_default(variables, expected):
    assert (
        nodes("query ($n: Int = 2) { me { someFriends(first: $n) { name } } }", **variables) == 1 + expected
    )


@pytest.mark.parametrize(
    ("text", "variables", "expected"),
    [
        ("query ($n: Int) { me { named(page: {size: $n, ids: [1]}) { name } } }", {"n": 4}, 4),
        ("query ($n: Int) { me { named(page: {size: 0, ids: [$n, 1, $n]}) { name } } }", {"n": 4}, 3),
        ("query ($p: Page) { me { named(page: $p) { name } } }", {"p": {"size": 6, "ids": []}}, 6),
        ("query ($n: [Int]) { me { named(page: {size: 0, ids: $n}) { name } } }", {"n": [1, 2]}, 2),
        ("query ($n: [Int]) { me { named(page: {size: 0, ids: $n}) { name } } }", {"n": 1}, 1),
    ],
)  # fmt: skip
def test_variables_inside_lists_and_objects_are_read_too(text, variables, expected):
    assert nodes(text, **variables) == 1 + expected


@pytest.mark.parametrize(
    ("text", "variables", "expected"),
    [
        ("{ me { best @skip(if: true) { name } friends @include(if: false) { name } } }", {}, 1),
        ("{ me { best @skip(if: false) { name } friends @include(if: true) { name } } }", {}, 1 + 1 + 5),
        ("query ($on: Boolean!) { me { best @include(if: $on) { name } } }", {"on": True}, 2),
        ("query ($on: Boolean!) { me { best @include(if: $on) { name } } }", {"on": False}, 1),
        ("query ($on: Boolean!) { me { ...F @skip(if: $on) } } fragment F on Person { best { name } }", {"on": True}, 1),
        ("query ($on: Boolean!) { me { ... @skip(if: $on) { best { name } } } }", {"on": False}, 2),
        ("query ($on: Boolean!) { me { circle(first: 3) { nodes @skip(if: $on) { name } } } }", {"on": True}, 2),
        ("query ($on: Boolean = true) { me { best @include(if: $on) { name } } }", {}, 2),
    ],
)  # fmt: skip
def test_what_is_skipped_costs_nothing(text, variables, expected):
    assert nodes(text, **variables) == expected


def test_fields_cost_units_of_their_own_for_each_object_that_they_are_asked_of():
    text = "query ($n: Int, $w: [Int!]) { me { friends(first: $n) { a: photo(widths: $w) b: photo } } }"

    assert costs(text, n=3, w=[10, 20]) == {"nodes": 1 + 3 * 3, "dots": 3 * 130}
