"""A manifest is checked, and made a batch."""

from __future__ import annotations

import base64

import pytest

from resolvers import ids
from storage import keys
from tests.acceptance import batches
from tests.acceptance.batches import BATCH, manifest
from tests.storage.objects import read

A, B = "http://127.0.0.1:9/a.jpg", "http://127.0.0.1:9/b.jpg"
GOOD, BROKEN = f"1,Lamp,{A}", "2,,not an address"
SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()


async def test_a_manifest_becomes_a_batch(ann):
    batch = await batches.created(ann, GOOD, f"2,Chair,{B}", idempotencyKey="k")

    assert batch["manifestName"] == "goods.csv"
    assert batch["counts"]["total"] == 2
    assert batch["compression"] == {"mode": "QUALITY", "value": 50, "format": None}
    assert (batch["problems"], batch["problemCount"], batch["webhook"]) == ([], 0, None)
    assert (await ann.data(BATCH, id=batch["id"]))["batch"]["createdAt"] == batch["createdAt"]


async def test_the_manifest_is_kept_byte_for_byte(ann, stored):
    content = manifest(GOOD, f"2,Chair,{B}")

    batch = (await batches.create(ann, content))["batch"]

    key = keys.manifest(str(ids.decode(ann.id, "User")), str(ids.decode(batch["id"], "Batch")))
    assert await read(stored, key) == content


async def test_a_broken_row_refuses_the_file_and_keeps_nothing(ann, stored):
    refusal = await batches.create(ann, manifest(GOOD, BROKEN))

    assert refusal["__typename"] == "InvalidManifestError"
    assert [(p["line"], p["column"], p["code"], p["severity"]) for p in refusal["problems"]] == [
        (3, "Product Name", "MISSING_VALUE", "ERROR"),
        (3, "Input Image Urls", "NOT_A_URL", "ERROR"),
    ]
    assert refusal["problemCount"] == 2
    assert all(p["message"] and p["hint"] for p in refusal["problems"])
    assert [kept async for kept in stored.list(keys.manifest(str(ids.decode(ann.id, "User")), ""))] == []
    assert (await ann.data("{ batches { totalCount } }"))["batches"] == {"totalCount": 0}


async def test_broken_rows_are_skipped_if_that_is_asked_for(ann):
    answer = await batches.create(ann, manifest(GOOD, BROKEN), onInvalidRow="SKIP_ROWS")

    batch = answer["batch"]
    assert batch["counts"]["total"] == 1
    assert [p["code"] for p in batch["problems"]] == ["MISSING_VALUE", "NOT_A_URL"]
    assert batch["problemCount"] == 2


async def test_nothing_is_left_when_every_row_is_broken(ann):
    answer = await batches.create(ann, manifest(BROKEN), onInvalidRow="SKIP_ROWS")

    assert answer["__typename"] == "InvalidManifestError"


@pytest.mark.parametrize(
    "content", [b"", b"a,b\r\n1,2\r\n", manifest(), b'S. No.,Product Name,Input Image Urls\r\n"1']
)
async def test_what_is_no_manifest_is_refused_with_its_problems(ann, content):
    refusal = await batches.create(ann, content, onInvalidRow="SKIP_ROWS")

    assert refusal["__typename"] == "InvalidManifestError"
    assert refusal["problems"]


@pytest.mark.parametrize("mutation", [batches.create, batches.check])
async def test_a_workbook_is_no_csv(ann, mutation):
    refusal = await mutation(ann, b"PK\x03\x04" + bytes(100))

    assert refusal["__typename"] == "UnsupportedFormatError"
    assert "XLSX_NOT_CSV" in refusal["message"]


async def test_checking_tells_all_and_starts_nothing(ann):
    checked = await batches.check(ann, manifest(GOOD, BROKEN, f"1,Chair,{B}"))

    assert checked["rowCount"] == 3
    assert checked["imageCount"] == 2
    assert (checked["delimiter"], checked["encoding"]) == (",", "UTF-8")
    assert [p["severity"] for p in checked["problems"]] == ["ERROR", "ERROR", "WARNING"]
    assert (await ann.data("{ batches { totalCount } }"))["batches"] == {"totalCount": 0}


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"compression": {"mode": "QUALITY", "value": 0}}, ["compression", "value"]),
        ({"compression": {"mode": "QUALITY", "value": 100.5}}, ["compression", "value"]),
        ({"compression": {"mode": "TARGET_RATIO", "value": 0.04}}, ["compression", "value"]),
        ({"compression": {"mode": "TARGET_RATIO", "value": 50}}, ["compression", "value"]),
        ({"webhook": {"url": "ftp://a.example/", "secret": SECRET}}, ["webhook", "url"]),
        ({"webhook": {"url": "http://u:p@a.example/", "secret": SECRET}}, ["webhook", "url"]),
        ({"webhook": {"url": "https://a.example/", "secret": "short"}}, ["webhook", "secret"]),
        ({"webhook": {"url": "https://a.example/", "secret": "whsec_!!"}}, ["webhook", "secret"]),
        ({"webhook": {"url": "https://a.example/", "secret": "whsec_" + "A" * 24}}, ["webhook", "secret"]),
        ({"webhook": {"url": "https://a.example/", "secret": "s" * 65}}, ["webhook", "secret"]),
        ({"idempotencyKey": ""}, ["idempotencyKey"]),
        ({"idempotencyKey": "k" * 256}, ["idempotencyKey"]),
    ],
)  # fmt: skip
async def test_a_wrong_field_is_named(ann, fields, path):
    refusal = await batches.create(ann, manifest(GOOD), **fields)

    assert (refusal["__typename"], refusal.get("field")) == ("InvalidInputError", path)


@pytest.mark.parametrize("secret", [SECRET, "s" * 24, "whsec_" + base64.b64encode(b"k" * 64).decode()])
async def test_a_webhook_is_shown_without_its_secret(ann, secret):
    batch = await batches.created(ann, GOOD, webhook={"url": "HTTPS://Shop.example/done", "secret": secret})

    assert batch["webhook"] == {"url": "https://shop.example/done", "deliveries": []}


async def test_a_compression_is_as_it_was_asked_for(ann):
    wanted = {"mode": "TARGET_RATIO", "value": 0.4, "format": "WEBP"}

    assert (await batches.created(ann, GOOD, compression=wanted))["compression"] == wanted


async def test_c18_a_repeat_with_the_same_key_is_answered_as_the_first_time(ann):
    first = await batches.create(ann, manifest(GOOD), idempotencyKey="once")

    again = await batches.create(ann, manifest(GOOD), idempotencyKey="once")

    assert again == first
    assert (await ann.data("{ batches { totalCount } }"))["batches"] == {"totalCount": 1}


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        (manifest(f"1,Lamp,{B}"), {}),
        (manifest(GOOD), {"onInvalidRow": "SKIP_ROWS"}),
        (manifest(GOOD), {"compression": {"mode": "QUALITY", "value": 51}}),
        (manifest(GOOD), {"webhook": {"url": "http://a.example", "secret": SECRET}}),
    ],
)
async def test_a_key_is_for_one_input(ann, content, fields):
    await batches.create(ann, manifest(GOOD), idempotencyKey="one")

    refusal = await batches.create(ann, content, idempotencyKey="one", **fields)

    assert refusal["__typename"] == "IdempotencyConflictError"


async def test_a_refusal_uses_no_key_up(ann):
    await batches.create(ann, manifest(BROKEN), idempotencyKey="again")

    assert (await batches.create(ann, manifest(GOOD), idempotencyKey="again"))["batch"]


@pytest.mark.parametrize("mutation", [batches.CREATE, batches.CHECK])
async def test_nobody_may_submit(client, mutation):
    answer = await client._send(mutation, manifest(GOOD), "goods.csv", {})

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
