"""Every malformed upload is answered with 400 or 413: never a fault of ours, never a hang."""

import json

import pytest

from tests.engine.malformed_forms import (
    FILE,
    MAP,
    MAPS_OF_WRONG_SHAPE,
    OPERATIONS_OF_WRONG_SHAPE,
    PATHS_TO_NOWHERE,
    damaged,
    operations,
    whole,
)
from tests.engine.wire import FORM, head, part, upload_form

UPLOAD = "mutation($file: Upload!) { upload(file: $file) { sizeBytes } }"
OPERATIONS = operations(UPLOAD)


@pytest.mark.parametrize("given", OPERATIONS_OF_WRONG_SHAPE.values(), ids=OPERATIONS_OF_WRONG_SHAPE)
async def test_operations_of_the_wrong_shape_are_400(client, given):
    response = await client.upload(whole(given))
    assert (response.status, response.code) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("mapping", MAPS_OF_WRONG_SHAPE.values(), ids=MAPS_OF_WRONG_SHAPE)
async def test_a_map_of_the_wrong_shape_is_refused(client, mapping):
    response = await client.upload(whole(OPERATIONS, mapping))
    assert (response.status, response.code) in {(400, "BAD_REQUEST"), (413, "PAYLOAD_TOO_LARGE")}


@pytest.mark.parametrize("path", PATHS_TO_NOWHERE, ids=lambda path: path[:30])
async def test_a_path_that_leads_to_no_null_below_variables_is_400(client, path):
    variables = {"file": None, "text": "x", "list": [None], "object": {"x": 1}, "number": 1}
    response = await client.upload(upload_form(UPLOAD, variables, {"f": ["variables.file", path]}, FILE))
    assert (response.status, response.code) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("body", damaged(OPERATIONS).values(), ids=damaged(OPERATIONS))
async def test_a_body_with_missing_misplaced_or_damaged_parts_is_400(client, body):
    response = await client.upload(body)
    assert (response.status, response.code) == (400, "BAD_REQUEST")


async def test_a_file_is_whole_once_a_boundary_follows_it(client):
    assert (await client.upload(whole(OPERATIONS).removesuffix(b"--\r\n"))).json() == {
        "data": {"upload": {"sizeBytes": 7}}
    }


@pytest.mark.parametrize("boundary", ["", "wrong", "x" * 10_000, '"'])
async def test_a_wrong_boundary_is_400(client, boundary):
    allowed = {"x_requested_with": "fetch", "authorization": "Bearer ann"}
    response = await client.post(whole(OPERATIONS), f"multipart/form-data; boundary={boundary}", **allowed)
    assert (response.status, response.code) == (400, "BAD_REQUEST")


async def test_more_files_than_allowed_are_413(client):
    mapping = {f"f{index}": ["variables.file"] for index in range(4)}
    response = await client.upload(whole(OPERATIONS, json.dumps(mapping).encode()))
    assert (response.status, response.code) == (413, "PAYLOAD_TOO_LARGE")


async def test_more_paths_to_one_file_than_allowed_are_400(client):
    variables = {"files": [None] * 21}
    mapping = {"f": [f"variables.files.{index}" for index in range(21)]}
    response = await client.upload(upload_form(UPLOAD, variables, mapping, FILE))
    assert (response.status, response.code) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("body", [whole(b" " * (1024 * 1024 + 1)), whole(OPERATIONS, b" " * (64 * 1024 + 1))])
async def test_fields_above_their_limit_are_413(client, body):
    response = await client.upload(body)
    assert (response.status, response.code) == (413, "PAYLOAD_TOO_LARGE")


async def test_ten_thousand_parts_that_nobody_wants_are_skipped(client):
    body = whole(OPERATIONS, MAP, *[part(f"p{index}", b"", "x") for index in range(10_000)], FILE)
    assert (await client.upload(body)).json() == {"data": {"upload": {"sizeBytes": 7}}}


async def test_the_server_goes_on_after_a_broken_framing(client):
    fields = {"content-type": FORM, "x-requested-with": "fetch", "authorization": "Bearer ann"}
    for framing in ({"content-length": "-1"}, {"content-length": "1e18"}, {"transfer-encoding": "chunked"}):
        await client.send(head("POST", "/graphql", {**fields, **framing}) + b"zz\r\nx\r\n")
    assert (await client.query("{ hello }")).status == 200
