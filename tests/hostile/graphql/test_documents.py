"""G1, G2, G5 to G8: documents that are made to cost. All are refused, or bounded, before anything is executed."""

from __future__ import annotations

import re

import pytest

from tests.hostile import oracle
from tests.hostile.graphql.documents import (
    CYCLIC,
    DEAR,
    DEEP,
    LONG,
    MANY,
    NEARLY_RIGHT,
    READS_THE_SCHEMA,
    TANGLED,
    UNSELECTED,
)
from tests.hostile.requests import asked

pytestmark = pytest.mark.mongo

TOO_COMPLEX = (400, "QUERY_TOO_COMPLEX")
INVALID = (400, "GRAPHQL_VALIDATION_FAILED")


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


async def test_g6_the_schema_is_hidden(guarded, mallory):
    await assert_refused(guarded, mallory, dict(enumerate(READS_THE_SCHEMA)), INVALID)


async def assert_nothing_is_suggested(mallory, documents):
    for document in documents:
        answer = await asked(mallory, document)
        assert (answer.status, answer.code) == INVALID, document
        assert not re.search(r"did you mean|perhaps|similar|\.\.\.", str(answer.body), re.IGNORECASE), (
            document
        )


async def test_g6_no_name_is_suggested(mallory):
    await assert_nothing_is_suggested(mallory, NEARLY_RIGHT)


async def test_g6_no_selection_is_suggested(mallory):
    await assert_nothing_is_suggested(mallory, UNSELECTED)


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
