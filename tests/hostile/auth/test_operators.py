"""Text of strangers is text to MongoDB, never an operator, an expression or a pattern."""

from __future__ import annotations

import json
import re
import secrets

import pytest
from bson import json_util
from pymongo import AsyncMongoClient

from tests import pictures
from tests.accounts import log_in
from tests.client import PASSWORD
from tests.hostile import oracle
from tests.hostile.rights import asking

OPERATORS = ({"$ne": None}, {"$gt": ""}, {"$regex": ".*"}, {"$where": "sleep(10000)"}, ["x", {"$ne": None}])
WRITTEN = (
    '{"$ne": null}',
    "$where: sleep(10000)",
    ".*",
    "^(a+)+$",
    "(?=(a+))" * 10,
    "[",
    "\\",
    "$email",
    "' || 1==1 //",
)
SEARCH = "query ($search: String) { gallery(filter: {search: $search}) { totalCount } products(filter: {search: $search}) { totalCount } }"
TAGGED = "query ($tags: [String!]) { gallery(filter: {tagsAll: $tags}) { totalCount } }"


@pytest.fixture
async def profiled(service, stored_by):
    """What MongoDB was asked, as its profiler writes it."""
    await stored_by.command("profile", 2)
    yield stored_by["system.profile"]
    await stored_by.command("profile", 0)
    await stored_by["system.profile"].drop()


@pytest.fixture
async def stored_by(service, mongo_uri):
    async with AsyncMongoClient(mongo_uri) as mongo:
        yield mongo[service.environment["MONGODB_DATABASE"]]


TEXTS = [
    (field, path)
    for field in asking.root_fields()
    if not field.startswith("Subscription.")
    for path in asking.leading_to(field, ("String", "ID", "URL", "DateTime"))
]


async def test_a4_an_object_is_no_text_in_any_argument(ann):
    assert TEXTS
    for field, path in TEXTS:
        for operator in OPERATORS:
            status, body = await asking.ask(ann, field, asking.variables(field, path, operator), depth=0)
            answer = json.loads(body)
            assert (status, answer.get("data")) in ((200, None), (400, None)), (field, path, operator, body)
            assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT", (field, path, body)
            assert oracle.says_nothing_of_the_inside(body)


async def test_a4_an_operator_as_text_finds_nobody(client, ann):
    for email in WRITTEN:
        assert (await log_in(client, email, PASSWORD))["__typename"] == "InvalidCredentialsError"
        assert (await log_in(client, ann.email, email))["__typename"] in (
            "InvalidCredentialsError",
            "RateLimitedError",
        )


async def test_a4_a_pattern_is_sought_as_it_stands(service, ann, profiled):
    await ann.upload(pictures.jpeg(seed=980), tags=["plain"], caption="aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")
    mark = secrets.token_hex(4)

    async with oracle.unharmed(service):
        for text in WRITTEN:
            tagged = await ann.data(TAGGED, tags=[f"{text}{mark}"])
            assert tagged["gallery"]["totalCount"] == 0
            found = await ann.data(SEARCH, search=text)
            assert found["products"]["totalCount"] == 0 or not any(letter.isalnum() for letter in text)

    asked = json.loads(json_util.dumps(await profiled.find().to_list()))
    operators = {name for each in asked for name in operators_in(each.get("command", {}))}
    assert asked
    assert operators.isdisjoint({"$where", "$function", "$accumulator", "$expr", "$ne"} - COMMON)
    patterns = {each for entry in asked for each in patterns_in(entry.get("command", {}))}
    assert [each for each in patterns if not OUR_PATTERNS.fullmatch(each)] == []


OUR_PATTERNS = re.compile(r"\^([^\W_]+|variants/[0-9a-f]+/[0-9a-f]+)")
"""The beginning of a word, and of the keys of an image's variants."""

COMMON = {"$expr", "$ne"}
"""Which the service's own queries have."""


def operators_in(command):
    if isinstance(command, dict):
        for name, value in command.items():
            if name.startswith("$"):
                yield name
            yield from operators_in(value)
    elif isinstance(command, list):
        for each in command:
            yield from operators_in(each)


def patterns_in(command):
    if isinstance(command, dict):
        for name, value in command.items():
            if name == "$regex":
                yield value if isinstance(value, str) else value["$regularExpression"]["pattern"]
            elif name == "$regularExpression":
                yield value["pattern"]
            else:
                yield from patterns_in(value)
    elif isinstance(command, list):
        for each in command:
            yield from patterns_in(each)
