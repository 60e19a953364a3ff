"""Ids are opaque and name their kind; whatever we did not make decodes to nothing."""

from __future__ import annotations

import base64

import pytest
from beanie import PydanticObjectId
from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from resolvers import ids

DOCUMENT_ID = PydanticObjectId("655f00000000000000000000")


def test_an_id_leads_back_to_its_kind_and_document():
    assert ids.split(ids.encode("Image", DOCUMENT_ID)) == ("Image", DOCUMENT_ID)


@given(kind=st.text(), document_id=st.binary(min_size=12, max_size=12).map(ObjectId))
def test_an_id_is_its_kind_and_document_in_base64(kind, document_id):
    text = f"{kind}:{document_id}".encode()

    assert ids.encode(kind, document_id) == base64.urlsafe_b64encode(text).decode().rstrip("=")


def test_an_id_of_another_kind_is_none():
    assert ids.decode(ids.encode("User", DOCUMENT_ID), "Image") is None


@pytest.mark.parametrize(
    "text", ["Image:655F00000000000000000000", "Image:x", "Image", ":", "Image:655f0000000000000000000 "]
)
def test_a_second_spelling_is_none(text):
    assert ids.split(base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")) is None


def test_padding_is_a_second_spelling():
    assert ids.split(ids.encode("Images", DOCUMENT_ID) + "=") is None


@given(st.text())
def test_any_text_is_none_or_an_id(text):
    found = ids.split(text)

    assert found is None or ids.encode(*found) == text
