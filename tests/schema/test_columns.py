"""A query reads the fields that it shows, and shows what it would have shown had it read them all."""

from __future__ import annotations

import gc
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from beanie import PydanticObjectId
from graphql import get_named_type, is_composite_type
from hypothesis import given, settings
from hypothesis import strategies as st

from auth import Viewer
from delivery.signing import NEVER, Signer
from models.image import Image, ImageStage, ImageState, Placeholder, StoredAt, Variant
from models.user import User
from models.values import Details, Failure, MetadataPolicy, PrivacyReport
from resolvers import ids
from resolvers.context import Context
from schema import columns, schema
from tests import albums

pytestmark = pytest.mark.mongo
CORE = schema._schema
OWNER = PydanticObjectId("655f00000000000000000000")
PRESET = Variant(name="medium", key="v-1", media_type="image/webp", width_px=4, height_px=3, size_bytes=9)
READY = {
    "stage": ImageStage.READY,
    "caption": "A lake",
    "tags": ["a", "b"],
    "metadata_policy": MetadataPolicy.KEEP,
    "variants": [PRESET, PRESET.model_copy(update={"name": "thumbnail"})],
    "placeholder": Placeholder(thumbhash="h", dominant_color="#aabbcc"),
    "details": Details(
        taken_at=albums.BEGAN,
        camera_make="a",
        camera_model="b",
        orientation=6,
        has_alpha=True,
        frame_count=1,
        color_space="srgb",
    ),
    "privacy": PrivacyReport(had_gps=True, removed_tags=["GPSLatitude"], policy=MetadataPolicy.KEEP),
}
FAILED = Failure(code="NOT_DECODABLE", message="No.", retryable=False)
EACH_STATE = [
    {"minute": 1, "media_type": "image/gif", "frame_count": 3, **READY},
    {"minute": 2, "state": ImageState.FAILED, "stage": ImageStage.FAILED, "failure": FAILED},
    {"minute": 3, "state": ImageState.PROCESSING},
    {"minute": 4, "trashed": True, "trashed_at": albums.BEGAN, "filename": "old.jpg", **READY},
]


def spelled(name, field):
    """A selection of all that a field has."""
    kind = get_named_type(field.type)
    inner = [spelled(*each) for each in kind.fields.items()] if is_composite_type(kind) else []
    return f"{name} {{ {' '.join(inner)} }}" if inner else name


FIELDS = {name: spelled(name, field) for name, field in CORE.type_map["Image"].fields.items()}


@pytest.fixture(scope="module")
async def album(database):
    """The ids of images of OWNER's, one in each state and one in the trash."""
    await User(id=OWNER, email="album@example.org", password_hash="x").insert()
    stored_at = StoredAt(kind="gridfs", key="k")
    yield [
        ids.of(image)
        for image in await albums.keep(OWNER, *({**each, "storage": stored_at} for each in EACH_STATE))
    ]
    await Image.find(Image.owner_id == OWNER).delete()
    await User.find(User.id == OWNER).delete()


def context():
    services = SimpleNamespace(
        signer=Signer("s" * 32, public_url="http://pictures", ttl_seconds=NEVER),
        live=SimpleNamespace(reached=None),
        quota_bytes=None,
    )
    in_an_hour = datetime.now(UTC) + timedelta(hours=1)
    return Context(services, Viewer(str(OWNER), str(PydanticObjectId()), in_an_hour), None)


async def answer(query):
    return await schema.execute(query, context_value=context())


def everywhere(selected, image_ids):
    """A query of the same selection wherever images are found by a query."""
    quoted = ", ".join(f'"{image_id}"' for image_id in image_ids)
    return f"""
    {{
      gallery(first: 3) {{ nodes {{ ...shown }} pageInfo {{ startCursor endCursor }} }}
      bySize: gallery(last: 2, orderBy: {{field: SIZE_BYTES, direction: ASC}}) {{ edges {{ cursor node {{ ...shown }} }} }}
      byName: gallery(orderBy: {{field: FILENAME, direction: ASC}}) {{ ... {{ edges {{ node {{ ...shown }} cursor }} }} }}
      trash: gallery(filter: {{trashed: true}}) {{ totalCount nodes {{ ... on Node {{ ...shown }} }} }}
      image(id: "{image_ids[0]}") {{ ...shown }}
      node(id: "{image_ids[1]}") {{ __typename ...shown }}
      nodes(ids: [{quoted}]) {{ id ... on Image {{ ...shown }} ... on User {{ email }} }}
    }}
    fragment shown on Image {{ {selected} }}
    """


async def same_with_everything(query):
    """Whether the answer is the one that reading all fields gives, and free of errors."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "of", lambda _: None)
        whole = await answer(query)
    read = await answer(query)
    assert read.errors is None
    return read.data == whole.data


@pytest.mark.parametrize("name", FIELDS)
async def test_a_field_alone_is_shown_as_if_all_had_been_read(album, name):
    assert await same_with_everything(everywhere(FIELDS[name], album))


PARTS = {
    name: sorted(get_named_type(field.type).fields)
    for name, field in CORE.type_map["Image"].fields.items()
    if name in {"variants", "placeholder", "details", "privacy", "failure"}
}


@st.composite
def selections(draw):
    """Any fields of an image; of those that have parts, any of them."""
    names = draw(st.sets(st.sampled_from(sorted(FIELDS)), min_size=1))
    parts = {
        name: draw(st.sets(st.sampled_from(["__typename", *PARTS[name]]), min_size=1))
        for name in names & {*PARTS}
    }
    return " ".join(
        f"{name} {{ {' '.join(parts[name])} }}" if name in parts else FIELDS[name] for name in names
    )


@given(selected=selections())
@settings(max_examples=max(20, settings().max_examples // 8))
async def test_any_fields_are_shown_as_if_all_had_been_read(album, selected):
    assert await same_with_everything(everywhere(selected, album))


async def shown_by(query):
    """What is read for each field at the root."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        of = columns.of
        patch.setattr(columns, "of", lambda info: found.setdefault(info.path.key, of(info)))
        result = await answer(query)
    assert result.errors is None
    return found


ADDRESS = {"checksum_sha256", "metadata_policy"}


@pytest.mark.parametrize(
    ("query", "needed"),
    [
        ("{ gallery { totalCount } }", set()),
        ("{ gallery { nodes { __typename id } } }", {"id"}),
        ("{ gallery { edges { cursor node { caption deletedAt } } } }", {"caption", "trashed_at"}),
        ("{ gallery { nodes { url } } }", ADDRESS),
        ("{ gallery { nodes { variants { name } } } }", {"variants.name", *ADDRESS}),
        ("{ gallery { nodes { variants { __typename } } } }", {"variants.name", *ADDRESS} | {"variants"}),
        (
            "{ gallery { nodes { variants { widthPx url } } } }",
            {"variants.name", "variants.width_px", *ADDRESS},
        ),
        ("{ gallery { nodes { placeholder { __typename } } } }", {"placeholder"}),
        (
            "{ gallery { nodes { details { hasAlpha ...d } } } } fragment d on ImageDetails { takenAt }",
            {"details.has_alpha", "details.taken_at"},
        ),
        ("{ gallery { nodes { owner { id email createdAt } } } }", {"owner_id"}),
        ("{ gallery { nodes { tags } } gallery { edges { node { caption } } } }", {"tags", "caption"}),
        ("{ gallery { nodes { tags @skip(if: true) caption } } }", {"tags", "caption"}),
        (
            "{ ...q } fragment q on Query { gallery { ...c } } fragment c on ImageConnection { nodes { tags } }",
            {"tags"},
        ),
        ("{ gallery { nodes { ... on Node { id } ... { state } } } }", {"id", "state"}),
    ],
)
async def test_what_is_read_is_what_is_shown(album, query, needed):
    assert (await shown_by(query))["gallery"] == needed


async def test_a_field_that_does_not_say_what_it_needs_makes_a_query_read_everything(album, monkeypatch):
    definition = CORE.type_map["Image"].fields["storage"].extensions["strawberry-definition"]
    monkeypatch.setattr(definition, "metadata", {})

    found = await shown_by("{ gallery { nodes { id storage } } image: gallery { nodes { id } } }")

    assert found == {"gallery": None, "image": {"id"}}


async def test_equal_fields_of_two_documents_are_told_apart(album):
    both = [
        await shown_by("{ gallery { nodes { ...f } } } fragment f on Image " + selected)
        for selected in ("{ tags }", "{ caption }")
    ]

    assert both == [{"gallery": {"tags"}}, {"gallery": {"caption"}}]


async def test_what_was_found_of_a_document_is_forgotten_with_it(album):
    gc.collect()
    before = len(columns._by_node)
    await answer("{ gallery { nodes { id } } }")

    gc.collect()

    assert len(columns._by_node) == before


def test_every_column_that_a_field_needs_is_one():
    for field in CORE.type_map["Image"].fields.values():
        assert {column.partition(".")[0] for column in columns._needs(field)} <= {*Image.model_fields}
