"""What S3 alone does: multipart uploads, checksums, links, addresses."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import secrets
import tracemalloc
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from errors import ObjectNotFoundError, StorageError
from storage import keys
from storage.abilities import Deriving, Linking, Receiving
from storage.s3 import Bucket
from storage.s3.parts import PART_BYTES
from storage.summed import Summed
from tests import s3
from tests.storage.faulty_s3 import answers
from tests.storage.objects import pieces, read, summed

MIB = 2**20
SOMEBODY = "a" * 24


async def exists(storage, key):
    try:
        await storage.head(key)
    except ObjectNotFoundError:
        return False
    return True


async def test_a_large_object_goes_out_in_parts_of_one_size(faulty, storage, key):
    content = os.urandom(2 * PART_BYTES + 17)

    await storage.put(key, pieces(content[:MIB], content[MIB:]))

    parts = [len(seen.body) for seen in faulty.seen if seen.method == "PUT"]
    assert parts == [PART_BYTES, PART_BYTES, 17]
    assert await read(storage, key) == content


async def test_what_was_summed_up_on_its_way_is_sent_with_that_sum(faulty, storage, key):
    sha256 = hashlib.sha256(b"bytes")

    await storage.put(key, summed(b"by", b"tes"))

    (sent,) = faulty.seen
    assert sent.headers["x-amz-content-sha256"] == sha256.hexdigest()
    assert sent.headers["x-amz-checksum-sha256"] == base64.b64encode(sha256.digest()).decode()
    assert "x-amz-checksum-crc32" not in sent.headers
    assert await read(storage, key) == b"bytes"


@pytest.mark.parametrize("length", [5, PART_BYTES + 1])
async def test_a_provider_that_compares_sums_finds_them_right(versitygw, key, length):
    storage, content = versitygw.storage(), os.urandom(length)

    await storage.put(key, summed(content))

    assert await read(storage, key) == content
    await storage.close()


async def test_a_provider_that_compares_sums_refuses_other_bytes(versitygw, key):
    storage = versitygw.storage()
    wrong = Summed(pieces(b"bytes"), hashlib.sha256(b"other").digest)

    with pytest.raises(StorageError, match=r"BadDigest|SHA256Mismatch"):
        await storage.put(key, wrong)

    assert not await exists(storage, key)
    await storage.close()


@pytest.mark.parametrize("size", [PART_BYTES - 1, PART_BYTES, 2 * PART_BYTES])
async def test_where_a_part_ends_nothing_is_lost_and_no_empty_one_is_sent(faulty, storage, key, size):
    content = os.urandom(size)

    await storage.put(key, pieces(content))

    assert all(seen.body for seen in faulty.seen if seen.method == "PUT")
    assert await read(storage, key) == content


async def test_an_upload_in_parts_is_aborted_when_the_pieces_break_off(moto, storage, key):
    async def broken():
        yield os.urandom(PART_BYTES + MIB)
        assert s3.begun_uploads(moto, key)
        raise LookupError

    with pytest.raises(LookupError):
        await storage.put(key, broken())

    assert s3.begun_uploads(moto, key) == []
    assert not await exists(storage, key)


async def test_an_upload_in_parts_is_aborted_when_its_caller_is_cancelled(moto, storage, key):
    begun = asyncio.Event()

    async def endless():
        yield os.urandom(PART_BYTES + MIB)
        begun.set()
        await asyncio.Event().wait()

    putting = asyncio.create_task(storage.put(key, endless()))
    await begun.wait()
    assert s3.begun_uploads(moto, key)
    putting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await putting
    assert s3.begun_uploads(moto, key) == []


async def test_an_upload_whose_process_died_is_found_and_removed(versitygw):
    storage = versitygw.storage()
    made = keys.made(keys.original(secrets.token_hex(12), secrets.token_hex(12)), "a b/c")
    named = {"Bucket": s3.BUCKET, "Key": made}
    upload_id = versitygw.client().create_multipart_upload(**named)["UploadId"]
    now = datetime.now(UTC)

    async def remains(before):
        return [name async for name in storage.remains(before) if made in name]

    assert await remains(now - timedelta(hours=1)) == []
    (found,) = await remains(now + timedelta(hours=1))
    await storage.discard(found)
    await storage.discard(found)

    assert upload_id in found
    assert await remains(now + timedelta(hours=1)) == []
    await storage.close()


async def test_a_list_goes_on_behind_its_first_page(storage, key):
    names = [f"{key}/{number:04}" for number in range(1_002)]
    for name in names:
        s3_backends[DEFAULT_ACCOUNT_ID]["aws"].put_object(s3.BUCKET, name, b"")

    assert [stored.key async for stored in storage.list(f"{key}/")] == names


async def test_the_remains_go_on_behind_their_first_page_and_are_nobody_elses(faulty, storage):
    upload = (
        "<Upload><Key>{0}</Key><UploadId>{0}</UploadId><Initiated>2026-01-01T00:00:00Z</Initiated></Upload>"
    )
    more = "<IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker><NextUploadIdMarker>b</NextUploadIdMarker>"
    first, last = (keys.staged(SOMEBODY, name) for name in "ac")
    others = "".join(
        map(upload.format, ("backup.tar", "originals/film.mov", f"staged/{SOMEBODY}/a/film.mov"))
    )
    pages = [upload.format(first) + others + more, upload.format(last) + upload.format("trial")]
    faulty.on("GET", *[answers(f"<Result>{page}</Result>") for page in pages], query="uploads")

    remains = [name async for name in storage.remains(datetime.now(UTC) + timedelta(days=9_999))]

    assert remains == [f"{name} {name}" for name in (first, last, "trial")]
    assert faulty.seen[-1].query.items() >= {("key-marker", "a"), ("upload-id-marker", "b")}


async def test_no_more_than_two_parts_are_in_memory(versitygw, key):
    async def fresh():
        for _ in range(6 * PART_BYTES // MIB):
            yield os.urandom(MIB)

    storage = versitygw.storage()
    tracemalloc.start()
    await storage.put(key, fresh())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    await storage.close()

    assert peak < 2 * PART_BYTES + 4 * MIB


@pytest.mark.parametrize("server", ["moto", "versitygw"])
async def test_a_key_may_have_any_character(request, server):
    storage = request.getfixturevalue(server).storage()
    key = f"originals/{secrets.token_hex(8)}/ä +%&=?#'\"*~(b)"
    await storage.put(key, pieces(b"bytes"))

    assert [stored.key async for stored in storage.list(key[:26])] == [key]
    assert await read(storage, key) == b"bytes"
    await storage.delete(key)
    assert not await exists(storage, key)
    await storage.close()


async def test_it_links_and_receives_and_does_not_derive(storage):
    assert isinstance(storage, Linking)
    assert isinstance(storage, Receiving)
    assert not isinstance(storage, Deriving)


async def test_a_link_says_how_the_object_is_to_be_delivered(storage, key):
    link = await storage.link(key, media_type="image/png", filename="ä b.png", ttl_seconds=60)

    asked = parse_qs(urlsplit(link).query)
    assert asked["response-content-type"] == ["image/png"]
    assert asked["response-content-disposition"] == ["attachment; filename*=UTF-8''%C3%A4%20b.png"]
    assert asked["X-Amz-Expires"] == ["60"]


async def test_a_link_is_good_for_no_longer_than_s3_allows(storage, key):
    link = await storage.link(key, media_type="image/png", filename="a.png", ttl_seconds=10**7)

    assert parse_qs(urlsplit(link).query)["X-Amz-Expires"] == [str(7 * 24 * 60 * 60)]


@pytest.mark.parametrize(
    ("name", "where", "address"),
    [
        ("pics", {}, "https://pics.s3.eu-west-1.amazonaws.com/a/b"),
        ("pics", {"addressing": "path"}, "https://s3.eu-west-1.amazonaws.com/pics/a/b"),
        ("my.pics", {}, "https://s3.eu-west-1.amazonaws.com/my.pics/a/b"),
        ("pics", {"endpoint_url": "http://minio:9000"}, "http://minio:9000/pics/a/b"),
        ("pics", {"endpoint_url": "https://r2.example/s3"}, "https://r2.example/s3/pics/a/b"),
        (
            "pics",
            {"endpoint_url": "https://r2.example", "addressing": "virtual"},
            "https://pics.r2.example/a/b",
        ),
    ],
)
def test_the_bucket_stands_in_the_path_or_in_the_host_name(name, where, address):
    assert Bucket.at(name, region="eu-west-1", **where).address("a/b", {}) == address


def test_amazon_has_another_name_in_china():
    bucket = Bucket.at("pics", region="cn-north-1")

    assert bucket.address("a", {}) == "https://pics.s3.cn-north-1.amazonaws.com.cn/a"
