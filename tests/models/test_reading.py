"""Documents read straight from MongoDB's answers are what Beanie would have read."""

from __future__ import annotations

import types
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import get_args, get_origin

import bson
import pytest
from beanie import Document, PydanticObjectId
from bson import ObjectId
from bson.codec_options import CodecOptions
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from pymongo import AsyncMongoClient
from pymongo.monitoring import CommandListener

from models import reading, stages, transactions
from models.gallery import NEWEST_FIRST, Filter, Gallery
from models.image import Image, ImageStage
from models.page import Window
from models.user import User
from tests import albums

pytestmark = [pytest.mark.mongo, pytest.mark.usefixtures("database")]

AS_THE_DRIVER: CodecOptions = CodecOptions(tz_aware=True)
PLAIN = {
    str: st.text(max_size=20),
    int: st.integers(min_value=0, max_value=2**62),
    bool: st.booleans(),
    datetime: st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds are naive
    PydanticObjectId: st.binary(min_size=12, max_size=12).map(ObjectId),
}


def values(annotation):
    """What MongoDB may hold of a field of this type."""
    if isinstance(annotation, types.UnionType):
        return st.one_of(st.none(), *(values(arg) for arg in get_args(annotation) if arg is not type(None)))
    if get_origin(annotation) is list:
        return st.lists(values(get_args(annotation)[0]), max_size=3)
    if issubclass(annotation, StrEnum):
        return st.sampled_from([member.value for member in annotation])
    return stored(annotation) if issubclass(annotation, BaseModel) else PLAIN[annotation]


@cache
def stored(model):
    """What MongoDB may hold of a model: old documents lack fields, and have some that are no more."""
    fields = {name: field for name, field in model.model_fields.items() if name not in {"id", "revision_id"}}
    required = {name: values(field.annotation) for name, field in fields.items() if field.is_required()}
    optional = {name: values(field.annotation) for name, field in fields.items() if name not in required}
    identity = {"_id": PLAIN[PydanticObjectId]} if issubclass(model, Document) else {}
    return st.fixed_dictionaries(
        {**identity, **required}, optional={**optional, "times_held": st.just(1)}
    ).map(lambda raw: bson.decode(bson.encode(raw), AS_THE_DRIVER))


def kinds(document):
    """The types of all values; an id may be the driver's."""
    found = {name: type(value) for name, value in document.__dict__.items()}
    return {name: ObjectId if kind is PydanticObjectId else kind for name, kind in found.items()}


@pytest.mark.parametrize("model", [Image, User])
@given(data=st.data())
def test_a_document_is_what_beanie_would_have_read(model, data):
    raw = data.draw(stored(model))
    lacking = {"created_at"} - raw.keys()  # of a user it is now unless it is given

    read, validated = reading.of(model).read(raw), model.model_validate(raw)

    for name in lacking:
        setattr(read, name, getattr(validated, name))
    assert read == validated
    assert repr(read) == repr(validated)
    assert kinds(read) == kinds(validated)
    assert read.model_fields_set - lacking == validated.model_fields_set
    assert read.model_dump() == validated.model_dump()


@given(data=st.data())
def test_a_document_that_breaks_its_model_is_refused_as_by_beanie(data):
    raw = data.draw(stored(Image))
    raw[data.draw(st.sampled_from(sorted(raw.keys() - {"_id", "times_held"})))] = object()

    with pytest.raises(ValidationError) as refused:
        reading.of(Image).read(raw)

    with pytest.raises(ValidationError) as refused_by_beanie:
        Image.model_validate(raw)
    expected = refused_by_beanie.value.errors(include_url=False)
    assert [error["loc"] for error in refused.value.errors()] == [error["loc"] for error in expected]


@given(data=st.data())
def test_a_document_has_the_fields_that_were_read_and_no_others(data):
    raw, columns = data.draw(stored(Image)), data.draw(st.frozensets(st.sampled_from([*Image.model_fields])))
    reader = reading.of(Image, columns)
    sent = {name: value for name, value in raw.items() if name in reader.projection}

    image, whole = reader.read(sent), reading.of(Image).read(raw)

    for name in Image.model_fields:
        if name in {*columns, "id"}:
            assert getattr(image, name) == getattr(whole, name)
        else:
            with pytest.raises(AttributeError, match=name):
                getattr(image, name)


@given(data=st.data(), parts=st.sets(st.sampled_from(["key", "width_px", "size_bytes"]), min_size=1))
def test_parts_of_models_are_read_as_the_whole_would_be(data, parts):
    raw = data.draw(stored(Image))
    columns = {
        f"{name}.{part}" for name in ("variants", "details") for part in parts & reading.parts(Image, name)
    }
    columns |= {"details.color_space"}
    reader, whole = reading.of(Image, frozenset(columns)), reading.of(Image).read(raw)

    image = reader.read(raw)

    assert reader.projection == dict.fromkeys({"_id", *columns}, 1)
    for read, entire in zip([*image.variants, image.details], [*whole.variants, whole.details], strict=True):
        wanted = {column.partition(".")[2] for column in columns}
        assert read is entire is None or read.model_dump() == entire.model_dump(include=wanted)


def test_a_field_that_is_wanted_whole_is_read_whole():
    reader = reading.of(Image, frozenset({"variants.key", "variants"}))

    assert reader.projection == {"_id": 1, "variants": 1}


def test_documents_that_lack_a_list_have_one_each():
    raw = albums.image(PydanticObjectId()).model_dump(exclude={"tags", "revision_id"}, by_alias=True)

    one, other = (reading.of(Image).read(raw) for _ in range(2))
    one.tags.append("mine")

    assert (one.tags, other.tags) == (["mine"], [])


def test_a_class_still_names_its_fields_for_queries():
    assert {Image.id: 1} == {"_id": 1}
    assert Image.find(Image.owner_id == 1).get_filter_query() == {"owner_id": 1}


async def test_what_a_gallery_reads_can_be_developed_further(owner_id):
    await albums.keep(owner_id, {"stage": ImageStage.STORED})
    (image,) = (await Gallery(owner_id, Filter()).page(Window(NEWEST_FIRST, 1))).items

    moved = await transactions.run(lambda transaction: stages.advance(image, ImageStage.READY, transaction))

    assert (image.is_finished, moved.is_finished) == (False, True)


class Commands(CommandListener):
    """What a client says to MongoDB."""

    def __init__(self):
        self.names, self.cursor_ids = [], []

    def started(self, event):
        self.names.append(event.command_name)

    def succeeded(self, event):
        self.cursor_ids.append(event.reply.get("cursor", {}).get("id"))

    def failed(self, event):
        raise AssertionError(event)


async def test_the_largest_page_is_one_command_and_leaves_no_cursor(
    owner_id, database, mongo_uri, monkeypatch
):
    await albums.keep(owner_id, *({"minute": minute} for minute in range(102)))
    said = Commands()
    async with AsyncMongoClient(mongo_uri, tz_aware=True, event_listeners=[said]) as client:
        images = client[database.name].images
        monkeypatch.setattr(Image, "get_pymongo_collection", lambda: images)

        page = await Gallery(owner_id, Filter()).page(Window(NEWEST_FIRST, 100))

    assert (len(page.items), page.has_next) == (100, True)
    assert (said.names[:2], said.cursor_ids[:1]) == (["find", "endSessions"], [0])
