"""G1, G2, G5 to G8: documents that are made to cost. All are refused, or bounded, before anything is executed."""

from __future__ import annotations

import re

import pytest

from tests.hostile import oracle
from tests.hostile.requests import asked

pytestmark = pytest.mark.mongo

TOO_COMPLEX = (400, "QUERY_TOO_COMPLEX")
INVALID = (400, "GRAPHQL_VALIDATION_FAILED")


def nested(levels: int) -> str:
    return "{ a" * levels + " }" * levels


def doubling(levels: int) -> str:
    """Each fragment spreads the next one twice: 2**levels fields, if anybody counted them one by one."""
    fragments = [f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(levels)]
    return "\n".join(["{ ...f0 }", *fragments, f"fragment f{levels} on Query {{ __typename }}"])


def overlapping(count: int) -> str:
    fields = " ".join(f"a: gallery(first: {n}) {{ totalCount }}" for n in range(1, count))
    return f"{{ ...x ...y }} fragment x on Query {{ {fields} }} fragment y on Query {{ {fields} }}"


DEEP = {"16 levels": nested(16), "10,000 levels": nested(10_000), "10,000 lists": "{ a(b: " + "[" * 10_000}
MANY = {
    "5,000 aliases": "{ " + " ".join(f"a{n}: __typename" for n in range(5_000)) + " }",
    "31 aliases": "{ viewer { " + " ".join(f"a{n}: id" for n in range(31)) + " } }",
    "5,000 times one field": "{ " + "__typename " * 5_000 + "}",
    "21 root fields": "{ " + "__typename " * 21 + "}",
    "5,000 directives": "{ __typename " + "@include(if: true) " * 5_000 + "}",
    "51 directives that nobody knows": "{ __typename " + "@no " * 51 + "}",
    "51 directives on a query": "query " + "@no " * 51 + "{ __typename }",
    "51 directives on variables": "query (" + "".join(f"$v{n}: Int @no " for n in range(51)) + ") { __typename }",
}  # fmt: skip
TANGLED = {
    "25 levels that double": doubling(25),
    "60 levels that double": doubling(60),
    "10,000 fragments": "{ __typename } " + " ".join(f"fragment f{n} on Query {{ x }}" for n in range(10_000)),
    "300 fields over 300": overlapping(300),
    "200 pairs of one name": overlapping(101),
}  # fmt: skip
CYCLIC = {
    "a fragment in itself": "{ ...f } fragment f on Query { ...f }",
    "two in each other": "{ ...f } fragment f on Query { ...g } fragment g on Query { ...f }",
    "deep below": "{ ...f } fragment f on Query { viewer { ...g } } fragment g on User { id ... { ...g } }",
}
LONG = {
    "a comment of a megabyte": "{ __typename } #" + "x" * 1_000_000,
    "a block string of a megabyte": '{ image(id: """' + "x" * 1_000_000 + '""") { id } }',
    "10,000 comments": "#\n" * 10_000 + "{ __typename }",
    "1,000 operations": " ".join(f"query q{n} {{ __typename }}" for n in range(1_000)),
    "1,000 variables": "query (" + " ".join(f"$v{n}: Int" for n in range(1_000)) + ") { __typename }",
}


async def assert_refused(guarded, client, documents, *expected):
    async with oracle.unharmed(guarded):
        for name, document in documents.items():
            answer = await asked(client, document)
            assert (answer.status, answer.code) in expected, name


async def test_g1_documents_that_are_too_deep_are_refused(guarded, mallory):
    await assert_refused(guarded, mallory, DEEP, TOO_COMPLEX)


async def test_g2_documents_with_too_much_beside_each_other_are_refused(guarded, mallory):
    await assert_refused(guarded, mallory, MANY, TOO_COMPLEX)


async def test_g5_fragments_that_double_are_refused_at_once(guarded, mallory):
    await assert_refused(guarded, mallory, TANGLED, TOO_COMPLEX)


async def test_g5_fragments_in_a_circle_are_invalid(guarded, mallory):
    await assert_refused(guarded, mallory, CYCLIC, INVALID)


async def test_g7_documents_that_are_long_are_refused(guarded, mallory):
    await assert_refused(guarded, mallory, LONG, TOO_COMPLEX)


READS_THE_SCHEMA = [
    "{ __schema { types { name } } }", '{ __type(name: "Query") { fields { name } } }',
    "query { ...f } fragment f on Query { a: __schema { queryType { name } } }",
    "{ __schema { types { fields { type { fields { type { name } } } } } } }",
]  # fmt: skip
NEARLY_RIGHT = [
    "{ galery { totalCount } }", "{ viewr { id } }", "{ viewer { emial } }", "{ gallery(frist: 1) { totalCount } }",
    "{ gallery(orderBy: {field: CREATED_A, direction: ASC}) { totalCount } }", "{ gallery(filter: {stat: READY}) { totalCount } }",
    'mutation { logIn(input: {emial: "a", password: "b"}) { __typename } }', "mutation { logn { __typename } }",
    "{ ... on Qery { __typename } }", "{ viewer { ... on Usr { id } } }", "query ($a: Strng) { __typename }", "{ __typename @skp(if: true) }",
    "subscription { imageProgres { sequence } }", "query ($first: Int) { gallery(first: $frst) { totalCount } }",
    "fragment viewr on Query { x } { ...viewer }", "{ viewer { id(x: 1) } }", "mutation { uploadImage { __typename } }",
]  # fmt: skip


async def test_g6_the_schema_is_hidden(guarded, mallory):
    await assert_refused(guarded, mallory, dict(enumerate(READS_THE_SCHEMA)), INVALID)


async def test_g6_no_name_is_suggested(mallory):
    for document in NEARLY_RIGHT:
        answer = await asked(mallory, document)
        assert answer.status == 400, document
        assert not re.search(r"did you mean|perhaps|similar", str(answer.body), re.IGNORECASE), document


async def test_g6_variables_suggest_no_name_either(mallory):
    query = "query ($order: GalleryOrder) { gallery(orderBy: $order) { totalCount } }"
    for order in (
        {"field": "CREATED_A", "direction": "ASC"},
        {"feild": "CREATED_AT"},
        {"field": "created_at"},
    ):
        answer = await asked(mallory, query, order=order)
        assert (answer.status, answer.code) == (400, "BAD_USER_INPUT")
        assert "did you mean" not in str(answer.body).lower()


NODES = "nodes { id variants { url } }"
DEAR = {
    "a large page": "{ gallery(first: 99999999) { nodes { id } } }",
    "more than an Int": "{ gallery(first: 99999999999) { nodes { id } } }",
    "a negative page": "{ gallery(first: -1) { nodes { id } } }",
    "from both ends": "{ gallery(first: 1, last: 1) { nodes { id } } }",
    "twenty full pages": "{ "
    + " ".join(f"a{n}: gallery(first: 100) {{ {NODES} }}" for n in range(20))
    + " }",
    "101 nodes by id": "{ nodes(ids: [" + '"x",' * 1_000 + "]) { id } }",
}


async def test_g8_what_would_cost_too_much_never_reaches_the_database(guarded, mallory, kept_by_guarded):
    await kept_by_guarded.command("profile", 2)
    try:
        answers = {name: await asked(mallory, document) for name, document in DEAR.items()}
    finally:
        await kept_by_guarded.command("profile", 0)

    assert {
        name
        for name, answer in answers.items()
        if answer.body.get("data") and any(answer.body["data"].values())
    } == set()
    assert {answer.code for answer in answers.values()} <= {
        "QUERY_TOO_COMPLEX",
        "BAD_USER_INPUT",
        "GRAPHQL_VALIDATION_FAILED",
    }
    of_images = {"ns": {"$regex": r"\.(images|shares|tallies)$"}}
    assert await kept_by_guarded["system.profile"].count_documents(of_images) == 0
