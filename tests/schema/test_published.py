"""The schema that is published: as checked in, described throughout, every refusal with its twin."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    is_introspection_type,
)

import errors
import models.image
from schema import image, reference, schema
from schema.errors import TWINS

ROOT = Path(__file__).parent.parent.parent
CORE = schema._schema
TYPES = [found for found in CORE.type_map.values() if not is_introspection_type(found)]
BUILT_IN = {"Boolean", "Float", "ID", "Int", "String"}


def test_the_schema_is_the_one_that_is_checked_in():
    assert (ROOT / "schema.graphql").read_text() == schema.as_str() + "\n", "run `make schema`"


def test_the_reference_is_the_one_that_is_checked_in():
    assert (ROOT / "docs/schema.md").read_text() == reference.page(schema.as_str()), "run `make schema`"


def test_the_reference_tells_of_every_type_field_argument_and_enum_value():
    page = reference.page(schema.as_str())
    names = {found.name for found in TYPES if found.name not in BUILT_IN}
    for found in TYPES:
        for name, field in getattr(found, "fields", {}).items():
            names |= {name, *getattr(field, "args", {})}
        names |= set(getattr(found, "values", ()))

    assert [name for name in names if not re.search(rf"\b{name}\b", page)] == []


def test_every_type_field_argument_and_enum_value_is_described():
    nameless = [found.name for found in TYPES if not found.description and found.name not in BUILT_IN]
    for found in TYPES:
        if isinstance(found, GraphQLEnumType):
            nameless += [
                f"{found.name}.{name}" for name, value in found.values.items() if not value.description
            ]
        if isinstance(found, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for name, field in found.fields.items():
                nameless += [] if field.description else [f"{found.name}.{name}"]
                arguments = getattr(field, "args", {})
                nameless += [
                    f"{found.name}.{name}({a})" for a, value in arguments.items() if not value.description
                ]

    assert not nameless


def user_errors():
    classes = [found for _, found in inspect.getmembers(errors, inspect.isclass)]
    return [
        found for found in classes if issubclass(found, errors.UserError) and found is not errors.UserError
    ]


def test_every_user_error_has_a_twin_of_the_same_name():
    twins = {twin.exception_type: twin.error_type.__name__ for twin in TWINS}

    assert twins == {cause: cause.__name__ for cause in user_errors()}


def test_every_error_in_the_tree_is_in_its_drawing():
    classes = [
        name for name, found in inspect.getmembers(errors, inspect.isclass) if issubclass(found, Exception)
    ]

    assert [name for name in classes if name not in errors.__doc__] == []


@pytest.mark.parametrize("name", ["ImageState", "ImageStage"])
def test_published_enums_are_the_models_own(name):
    published = getattr(image, name)

    assert [value.value for value in published] == [value.value for value in getattr(models.image, name)]


def test_root_fields_may_be_null_so_that_one_fault_spares_its_neighbours():
    roots = [CORE.query_type, CORE.mutation_type]

    assert [
        name for root in roots for name, field in root.fields.items() if str(field.type).endswith("!")
    ] == ["nodes"]


def test_each_mutation_takes_one_input_and_answers_with_a_result():
    for name, field in CORE.mutation_type.fields.items():
        assert list(field.args) == ["input"], name
        assert str(field.type) == f"{name[0].upper()}{name[1:]}Result"
