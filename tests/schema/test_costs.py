"""What an operation of the published schema may cost is never less than what it is answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from beanie import PydanticObjectId
from graphql import GraphQLObjectType, get_named_type, get_variable_values, is_composite_type
from hypothesis import given, settings
from hypothesis import strategies as st

from auth import Viewer
from delivery.signing import Signer
from engine.costs import COST
from engine.documents import Operation
from engine.executor import Executor
from engine.limits import Limits
from errors import QueryTooComplexError
from models.batch import Batch
from models.batch_item import BatchItem
from models.image import Image, Placeholder, StoredAt, Variant
from models.product import Product
from models.user import User
from processing.codec import orders
from processing.ingest import IngestLimits
from processing.probe import Limits as ProbeLimits
from resolvers import ids
from resolvers.context import Context
from schema import costs
from tests import albums, catalogues
from tests.catalogues import FAILED, SUCCEEDED, Row
from tests.schema import asking

PAGE = (Path(__file__).parents[2] / "docs/limits.md").read_text()
ROOMY = Limits(
    max_depth=50, max_aliases=10_000, max_root_fields=100, max_fields=100_000, max_tokens=100_000, max_directives=10_000,
    max_costs={"nodes": 10**9, "pixels": 10**15},
)  # fmt: skip
PRESETS = [
    Variant(name=name, key=f"k-{name}", media_type="image/webp", width_px=4, height_px=3, size_bytes=9)
    for name in orders.PRESETS
]


@pytest.fixture(scope="module")
async def ann(database):
    """Somebody with eight images, each developed to the end."""
    user = await User(email=f"{PydanticObjectId()}@example.com", password_hash="h").insert()
    placeholder = Placeholder(thumbhash="dGh1bWI=", dominant_color="#000000")
    fields = {"variants": PRESETS, "placeholder": placeholder, "storage": StoredAt(kind="gridfs", key="k")}
    described = [{"minute": minute, "width_px": 9_000, "height_px": 5_000, **fields} for minute in range(8)]
    await albums.keep(user.id, *described)
    kept = await catalogues.keep(user.id, *[Row("Lamp", [SUCCEEDED, FAILED])] * 4, problem_count=1)
    await catalogues.log(kept.batch, 5)
    yield user
    await user.delete()
    await Image.find({"owner_id": user.id}).delete()


def asked_by(user: User) -> Context:
    services = SimpleNamespace(
        storages=SimpleNamespace(current=SimpleNamespace(kind="gridfs")),
        signer=Signer("s" * 32, public_url="http://pictures", ttl_seconds=300),
        live=SimpleNamespace(reached=SimpleNamespace(encode=lambda: "a moment")),
        ingest_limits=IngestLimits(1, ProbeLimits(1, 1)),
        quota_bytes=None,
    )
    in_an_hour = datetime.now(UTC) + timedelta(hours=1)
    return Context(services, Viewer(str(user.id), str(PydanticObjectId()), in_an_hour), None)


@given(data=st.data())
@settings(max_examples=max(50, settings().max_examples // 2))
async def test_no_query_is_answered_more_nodes_than_were_counted(ann, data):
    things = [
        thing
        for kind in (Image, Batch, Product, BatchItem)
        for thing in await kind.find({"owner_id": ann.id}).to_list()
    ]
    asked = data.draw(asking.queries([ids.of(ann), "nothing", *map(ids.of, things)]))
    executor = Executor(asking.PUBLISHED, limits=ROOMY, compiled=False)

    answer = await executor.execute(
        Operation(asked.text, asked.variables, reports_cost=True), asked_by(ann), "an-id"
    )

    assert answer.status == 200, (asked.text, answer.errors)
    codes = {error["extensions"]["code"] for error in answer.errors}
    assert codes <= {"BAD_USER_INPUT"}, answer.errors
    assert asking.nodes_in(answer.data) <= answer.extensions["cost"]["nodes"]


@pytest.mark.parametrize(
    "text",
    [
        "{ gallery_: gallery(first: 8) { nodes_: nodes { url_: url owner_: owner { id } variants_: variants { url_: url } } pageInfo { hasNextPage } } }",
        "{ gallery_: gallery(last: 8) { edges_: edges { node_: node { placeholder { thumbhash } srcSet_: srcSet(widthsPx: [1, 2, 3]) } } } }",
        "{ gallery_: gallery(first: 8) { nodes_: nodes { srcSet_: srcSet a: variant(widthPx: 10) { url_: url } b: variant { url_: url } } } }",
    ],
)  # fmt: skip
async def test_a_full_page_is_answered_exactly_as_many_nodes_as_were_counted(ann, text):
    answer = await Executor(asking.PUBLISHED, limits=ROOMY).execute(
        Operation(text, reports_cost=True), asked_by(ann), "an-id"
    )

    assert not answer.errors
    assert asking.nodes_in(answer.data) == answer.extensions["cost"]["nodes"]


def figures(text, variables=None):
    """What an operation may cost by the published limits, or the refusal."""
    executor = Executor(asking.PUBLISHED, limits=Limits(max_costs=costs.LIMITS))
    prepared = executor.prepare(Operation(text))
    given = get_variable_values(
        asking.PUBLISHED, prepared.definition.variable_definitions or (), variables or {}
    )
    prepared.tariff.check(given)
    return prepared.tariff.report(given)


SOURCES = "avif: srcSet(format: AVIF) webp: srcSet(format: WEBP) jpeg: srcSet(format: JPEG)"
RICH = f"id filename url owner {{ email usage {{ imageCount }} }} variants {{ url }} placeholder {{ thumbhash }} details {{ takenAt }} privacy {{ hadGps }} {SOURCES} full: variant {{ url }}"


def test_the_richest_page_that_a_front_end_asks_for_is_far_from_the_limits():
    found = figures(
        f"query ($n: Int!) {{ gallery(first: $n) {{ totalCount edges {{ cursor node {{ {RICH} }} }} pageInfo {{ endCursor }} }} }}",
        {"n": 100},
    )

    assert 2 * found["nodes"] < found["limits"]["nodes"]
    assert found["pixels"] < found["limits"]["pixels"]


WIDTHS = ", ".join(map(str, range(100, 120)))
SETS = " ".join(f"a{number}: srcSet(widthsPx: [{WIDTHS}])" for number in range(29))


@pytest.mark.parametrize(
    ("text", "variables", "what"),
    [
        (f"{{ gallery(first: 100) {{ nodes {{ {SETS} }} }} }}", {}, "58,101 nodes"),
        (f"query ($n: Int) {{ gallery(last: $n) {{ nodes {{ {SETS} }} }} }}", {"n": 100}, "58,101 nodes"),
        (f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Image {{ {SETS} }} }} }}", {"ids": ["x"] * 100}, "58,100 nodes"),
        ("query ($w: [Int!]) { gallery(first: 100) { nodes { srcSet(widthsPx: $w) } } }", {"w": [8192] * 20}, "100,000,000,000 pixels"),
        ("{ gallery(first: 100) { nodes { a: variant { url } b: variant(widthPx: 8000) { url } c: variant(widthPx: 5000, heightPx: 1) { url } } } }", {}, "10,000,500,000 pixels"),
    ],
)  # fmt: skip
def test_what_would_sign_or_make_too_much_is_refused(text, variables, what):
    with pytest.raises(QueryTooComplexError, match=what):
        figures(text, variables)


def test_every_list_of_objects_says_how_long_it_is():
    silent = [
        f"{owner.name}.{name}"
        for owner in asking.PUBLISHED.type_map.values()
        if isinstance(owner, GraphQLObjectType) and not owner.name.startswith("__")
        for name, field in owner.fields.items()
        if "[" in str(field.type)
        and is_composite_type(get_named_type(field.type))
        and COST not in field.extensions
    ]

    assert silent == []


def test_an_image_has_as_many_presets_as_are_counted():
    assert len(orders.PRESETS) == costs.PRESETS


def test_the_documentation_tells_the_limits():
    documents = Limits()
    told = {
        "characters": documents.max_characters,
        "tokens": documents.max_tokens,
        "fields": documents.max_fields,
        "levels of fields": documents.max_depth,
        "aliases": documents.max_aliases,
        "root fields": documents.max_root_fields,
        "directives": documents.max_directives,
        **costs.LIMITS,
    }

    assert [what for what, most in told.items() if f"| {what} | {most:,} |" not in PAGE] == []
