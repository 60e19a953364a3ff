"""Result files of batches: of any state, in parts, the same for the same state."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Sequence

import httpx
import pytest
from beanie import PydanticObjectId
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from delivery import results
from delivery.results import ResultDelivery
from delivery.signing import Signer
from models import batch_results
from models.batch_item import BatchItemState
from models.image import Image
from processing.manifest import ResultFormat
from tests import catalogues
from tests.catalogues import CANCELLED, FAILED, PENDING, SUCCEEDED, Row
from tests.processing.manifest.manifests import read
from tests.processing.manifest.outcomes import cells_of
from tests.processing.manifest.test_properties import NAMES, NUMBERS, URLS

pytestmark = pytest.mark.mongo
SIGNER = Signer("s" * 32, public_url="http://shop.example", ttl_seconds=300)
CSV, EXTENDED_CSV, JSONL = ResultFormat
OUTCOMES = st.lists(st.tuples(URLS, st.sampled_from(list(BatchItemState))), min_size=1, max_size=4)
ROWS = st.builds(
    lambda name, number, extra, outcomes: Row(
        name, [state for _, state in outcomes], number, [extra], [url for url, _ in outcomes]
    ),
    NAMES, NUMBERS, NAMES, OUTCOMES,
)  # fmt: skip


async def fetched(batch, result_format=CSV, method="GET", **headers):
    """The answer to a signed request."""
    transport = httpx.ASGITransport(Starlette(routes=ResultDelivery(SIGNER).routes()))
    address = SIGNER.address(results.path(batch, result_format))
    async with httpx.AsyncClient(transport=transport) as http:
        return await http.request(method, address, headers=headers)


def lasting(image):
    return SIGNER.address(f"/images/{image.id}/{image.checksum_sha256[:16]}/compressed", 0)


async def test_each_image_has_a_slot_and_a_failed_one_an_empty_one(database, owner_id):
    kept = await catalogues.keep(
        owner_id, Row("Lamp", [SUCCEEDED, FAILED, SUCCEEDED], "A-1"), Row("Chair", [PENDING], "A-2")
    )

    answer = await fetched(kept.batch)

    first, last = map(lasting, kept.images)
    assert cells_of(answer.content)[1:] == [
        ["A-1", "Lamp", ",".join(item.source_url for item in kept.items[:3]), f"{first},,{last}"],
        ["A-2", "Chair", kept.items[3].source_url, ""],
    ]
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''goods.results.csv"


async def test_jsonl_has_an_object_for_each_image(database, owner_id):
    kept = await catalogues.keep(owner_id, Row("Lamp", [SUCCEEDED, FAILED]))

    made, failed = map(json.loads, (await fetched(kept.batch, JSONL)).content.splitlines())

    assert (made["state"], made["outputUrl"], made["bytesOut"]) == ("SUCCEEDED", lasting(kept.images[0]), 400)
    assert (failed["position"], failed["outputUrl"]) == (1, None)
    assert failed["failure"] == catalogues.GONE.model_dump()


async def test_a_cancelled_batch_tells_of_what_was_never_taken_up(database, owner_id):
    kept = await catalogues.keep(owner_id, Row("Lamp", [PENDING]), state="CANCELLED")

    (item,) = map(json.loads, (await fetched(kept.batch, JSONL)).content.splitlines())

    assert item["state"] == CANCELLED


@given(rows=st.lists(ROWS, min_size=1, max_size=4), result_format=st.sampled_from([CSV, EXTENDED_CSV]))
@settings(max_examples=50)
async def test_what_is_exported_parses_back_to_the_items(database, rows: Sequence[Row], result_format):
    kept = await catalogues.keep(PydanticObjectId(), *rows, manifest_headings=["Notes"])

    content = (await fetched(kept.batch, result_format)).content

    read_as = await read(content)
    assert [(row.serial_number, row.product_name) for row in read_as.rows] == [
        (product.serial_number, product.name) for product in kept.products
    ]
    assert [url for row in read_as.rows for url in row.image_urls] == [item.source_url for item in kept.items]
    images = iter(kept.images)
    outputs = [slot for cells in cells_of(content)[1:] for slot in cells[3].split(",")]
    assert outputs == [lasting(next(images)) if item.state is SUCCEEDED else "" for item in kept.items]
    if result_format is EXTENDED_CSV:
        assert [row.extra for row in read_as.rows] == [tuple(product.extra) for product in kept.products]


async def test_a_formula_is_no_formula_any_more(database, owner_id):
    kept = await catalogues.keep(owner_id, Row("=1+1"))

    assert cells_of((await fetched(kept.batch)).content)[1][1] == "'=1+1"


@pytest.mark.parametrize("result_format", ResultFormat)
async def test_the_same_state_gives_the_same_bytes_and_is_not_sent_twice(database, owner_id, result_format):
    kept = await catalogues.keep(owner_id, Row("Lamp", [SUCCEEDED, FAILED]))

    first, second = await fetched(kept.batch, result_format), await fetched(kept.batch, result_format)
    known = await fetched(kept.batch, result_format, **{"If-None-Match": first.headers["etag"]})

    assert (first.content, first.headers["etag"]) == (second.content, second.headers["etag"])
    assert (known.status_code, known.content) == (304, b"")


async def test_another_state_is_sent_again(database, owner_id):
    kept = await catalogues.keep(owner_id, Row("Lamp", [SUCCEEDED]))
    known = {"If-None-Match": (await fetched(kept.batch)).headers["etag"]}

    await catalogues.log(kept.batch, 1)
    after_change = await fetched(kept.batch, **known)
    await Image.find({"_id": kept.images[0].id}).delete()
    after_deletion = await fetched(kept.batch, **{"If-None-Match": after_change.headers["etag"]})

    assert (after_change.status_code, after_deletion.status_code) == (200, 200)
    assert cells_of(after_deletion.content)[1][3] == ""


async def test_a_head_has_the_headers_alone(database, owner_id):
    kept = await catalogues.keep(owner_id, Row("Lamp"))

    head, whole = await fetched(kept.batch, method="HEAD"), await fetched(kept.batch)

    assert (head.status_code, head.content) == (200, b"")
    assert [each.headers.get("content-length") for each in (head, whole)] == [
        None,
        None,
    ]  # nobody knows it yet
    for name in ("etag", "content-type", "content-disposition"):
        assert head.headers[name] == whole.headers[name]


async def test_a_changed_or_unknown_address_is_refused(database, owner_id):
    kept = await catalogues.keep(owner_id, Row("Lamp"))
    transport = httpx.ASGITransport(Starlette(routes=ResultDelivery(SIGNER).routes()))
    address = SIGNER.address(results.path(kept.batch, CSV))
    gone = kept.batch.model_copy(update={"id": PydanticObjectId()})
    async with httpx.AsyncClient(transport=transport) as http:
        statuses = [
            (await http.get(url)).status_code
            for url in (
                address.replace("results.csv", "results.jsonl"),
                address[:-2] + "xx",
                SIGNER.address(results.path(gone, CSV)),
                SIGNER.address(f"/batches/{kept.batch.id}/else.csv"),
                SIGNER.address("/batches/nonsense/results.csv"),
            )
        ]

    assert statuses == [403, 403, 404, 404, 404]


async def test_parts_follow_each_other_without_a_gap(database, owner_id, monkeypatch):
    monkeypatch.setattr(batch_results, "PRODUCTS_PER_PART", 3)
    monkeypatch.setattr(batch_results, "ITEMS_PER_PART", 2)
    kept = await catalogues.keep(owner_id, *[Row(f"p{n}", [FAILED] * (1 + n % 3)) for n in range(10)])

    lines = cells_of((await fetched(kept.batch)).content)[1:]

    assert [name for _, name, *_ in lines] == [product.name for product in kept.products]
    assert sum(len(cells[3].split(",")) for cells in lines) == len(kept.items)


async def test_memory_does_not_grow_with_the_batch(database, owner_id):
    peaks = []
    for count in (2_000, 8_000):
        kept = await catalogues.keep(PydanticObjectId(), *[Row("Lamp", [FAILED])] * count)
        tracemalloc.start()
        async for _ in results.outcomes(kept.batch, SIGNER):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < 1.3 * peaks[0]
