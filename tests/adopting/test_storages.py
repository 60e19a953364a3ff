"""Pictures that others have put into a bucket or into a media library are taken over from there."""

from __future__ import annotations

import json

import pytest

from models.image import Image
from tests import pictures
from tests.adopting.conftest import outcome
from tests.imagekit.server import FakeImageKit

pytestmark = pytest.mark.mongo
BUCKET = "hand-made"


@pytest.fixture
def fake():
    with FakeImageKit() as running:
        yield running


@pytest.fixture(params=["moto", "versitygw"])
def s3(request):
    """A server with a bucket that Darkroom does not use."""
    server = request.getfixturevalue(request.param)
    s3 = server.client()
    s3.create_bucket(Bucket=BUCKET)
    yield server
    for found in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=found["Key"])
    s3.delete_bucket(Bucket=BUCKET)


async def test_objects_of_a_bucket_are_taken_over_whatever_their_keys_are(darkroom, ann, s3, tmp_path):
    names = ["a.jpg", "summer holiday.jpg", "50% +1&=?#.jpg", "\u00fcber \u65e5\u672c.jpg", "a/b.jpg"]
    for n, name in enumerate(names):
        s3.client().put_object(Bucket=BUCKET, Key=f"users/7/{name}", Body=pictures.jpeg(seed=1_000 + n))
    s3.client().put_object(Bucket=BUCKET, Key="users/8/other.jpg", Body=pictures.jpeg(seed=1_010))
    s3.client().put_object(Bucket=BUCKET, Key="logs/7/a.txt", Body=b"text")
    users = tmp_path / "users.csv"
    users.write_text(f"7,{ann.email}\n")
    words = [
        "s3",
        "--bucket",
        BUCKET,
        "--prefix",
        "users/",
        "--owner-part",
        "2",
        "--owners-file",
        str(users),
        "--json",
    ]

    first = await darkroom(*words, **s3.settings())
    again = await darkroom(*words, **s3.settings())

    assert outcome(first) == (1, {"adopted": 5, "unowned": 1}), first[1]
    assert json.loads(first[1])["unknown_owners"] == {"8": 1}
    assert outcome(again) == (1, {"known": 5, "unowned": 1})
    images = await Image.find(Image.owner_id == ann.id).to_list()
    assert {image.filename for image in images} == {name.rpartition("/")[2] for name in names}


async def test_files_of_a_media_library_are_taken_over_public_and_private(darkroom, ann, fake):
    for n, name in enumerate(["a.jpg", "holiday_Ab12.jpg", "summer holiday.jpg"]):
        fake.library.put(
            "/my_uploads/2026", name, pictures.jpeg(seed=1_020 + n), is_private=n == 1, is_unique=False
        )
    fake.library.put("/my_uploads_too", "b.jpg", pictures.jpeg(seed=1_030), is_private=False, is_unique=False)
    words = ["imagekit", "--folder", "/my_uploads/", "--owner", ann.email, "--json"]

    answer = await darkroom(*words, **fake.settings)

    assert outcome(answer) == (0, {"adopted": 3}), answer[1]
    images = await Image.find(Image.owner_id == ann.id).to_list()
    assert {image.filename for image in images} == {"a.jpg", "holiday_Ab12.jpg", "summer_holiday.jpg"}


async def test_a_provider_that_is_not_set_up_is_named(darkroom, ann):
    status, said = await darkroom("imagekit", "--folder", "a", "--owner", ann.email)

    assert (status, "IMAGEKIT_PRIVATE_KEY" in said) == (2, True), said
