"""Every malformed upload is answered with 400 or 413: never a fault of ours, never a hang."""

import json

import pytest

from tests.engine.wire import FORM, form, head, part, upload_form

UPLOAD = "mutation($file: Upload!) { upload(file: $file) { sizeBytes } }"
OPERATIONS = json.dumps({"query": UPLOAD, "variables": {"file": None}}).encode()
MAP = b'{"f": ["variables.file"]}'
FILE = part("f", b"content", "a.jpg")


def whole(operations: bytes = OPERATIONS, mapping: bytes = MAP, *files: bytes) -> bytes:
    return form(part("operations", operations), part("map", mapping), *(files or (FILE,)))


OPERATIONS_OF_WRONG_SHAPE = {
    "text": b"x", "nothing": b"", "number": b"1", "string": b'"x"', "null": b"null", "true": b"true", "list": b"[]",
    "batch": b"[" + OPERATIONS + b"]", "deep": b"[" * 100_000, "huge number": b"9" * 100_000, "not utf-8": b'{"query": "\xff"}',
    "no query": b"{}", "query a number": b'{"query": 1}', "variables a list": b'{"query": "{hello}", "variables": []}',
    "variables missing": b'{"query": "{hello}"}', "variables null": b'{"query": "{hello}", "variables": null}',
    "operationName an object": b'{"query": "{hello}", "operationName": {}}',
}  # fmt: skip
MAPS_OF_WRONG_SHAPE = {
    "text": b"x", "nothing": b"", "list": b"[]", "null": b"null", "number": b"1", "string": b'"x"', "deep": b'{"f":' * 30_000,
    "value a number": b'{"f": 1}', "value null": b'{"f": null}', "value a string": b'{"f": "variables.file"}',
    "value empty": b'{"f": []}', "value an object": b'{"f": {}}', "path a number": b'{"f": [1]}', "path null": b'{"f": [null]}',
}  # fmt: skip
PATHS_TO_NOWHERE = [
    "", "variables", "variables.", "query", "operationName", "extensions", "extensions.x", ".variables.file", "file",
    "variables.nothing", "variables.file.x", "variables.text", "variables.text.0", "variables.__class__", "variables.__proto__.x",
    "variables.list", "variables.list.-1", "variables.list.1", "variables.list.99", "variables.list.abc", "variables.list.1e9",
    "variables.list.00", "variables.list.+0", "variables.list. 0", "variables.list.\u0660", "variables.list.0.x",
    "variables.list." + "9" * 5_000, "variables.list.append", "variables.object", "variables.number", "variables" + ".x" * 20_000,
]  # fmt: skip


@pytest.mark.parametrize("operations", OPERATIONS_OF_WRONG_SHAPE.values(), ids=OPERATIONS_OF_WRONG_SHAPE)
async def test_operations_of_the_wrong_shape_are_400(client, operations):
    response = await client.upload(whole(operations))
    assert (response.status, response.code) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("mapping", MAPS_OF_WRONG_SHAPE.values(), ids=MAPS_OF_WRONG_SHAPE)
async def test_a_map_of_the_wrong_shape_is_refused(client, mapping):
    response = await client.upload(whole(mapping=mapping))
    assert (response.status, response.code) in {(400, "BAD_REQUEST"), (413, "PAYLOAD_TOO_LARGE")}


@pytest.mark.parametrize("path", PATHS_TO_NOWHERE, ids=lambda path: path[:30])
async def test_a_path_that_leads_to_no_null_below_variables_is_400(client, path):
    variables = {"file": None, "text": "x", "list": [None], "object": {"x": 1}, "number": 1}
    response = await client.upload(upload_form(UPLOAD, variables, {"f": ["variables.file", path]}, FILE))
    assert (response.status, response.code) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"garbage", form(), form(FILE), form(FILE, part("operations", OPERATIONS), part("map", MAP)),
        form(part("map", MAP), part("operations", OPERATIONS), FILE), form(part("operations", OPERATIONS), FILE),
        form(part("operations", OPERATIONS)), form(part("map", MAP)), form(part("operations", OPERATIONS, "o.json"), part("map", MAP), FILE),
        form(part("operations", OPERATIONS), part("map", MAP, "m.json"), FILE),
        form(part("operations", OPERATIONS), part("operations", OPERATIONS), part("map", MAP), FILE),
        whole(OPERATIONS, MAP, part("other", b"x", "a.jpg")), whole(OPERATIONS, MAP, part("f", b"a text part")),
        whole()[:-10], whole()[:-20], whole().replace(b'name="f"', b""),
        whole(OPERATIONS, MAP, part("f" * 1_000_000, b"x", "a.jpg")), whole(OPERATIONS, MAP, part("f", b"x", "a" * 1_000_000)),
        whole().replace(b"\r\n", b"\n"),
    ],
)  # fmt: skip
async def test_a_body_with_missing_misplaced_or_damaged_parts_is_400(client, body):
    response = await client.upload(body)
    assert (response.status, response.code) == (400, "BAD_REQUEST")


async def test_a_file_is_whole_once_a_boundary_follows_it(client):
    assert (await client.upload(whole().removesuffix(b"--\r\n"))).json() == {
        "data": {"upload": {"sizeBytes": 7}}
    }


@pytest.mark.parametrize("boundary", ["", "wrong", "x" * 10_000, '"'])
async def test_a_wrong_boundary_is_400(client, boundary):
    allowed = {"x_requested_with": "fetch", "authorization": "Bearer ann"}
    response = await client.post(whole(), f"multipart/form-data; boundary={boundary}", **allowed)
    assert (response.status, response.code) == (400, "BAD_REQUEST")


async def test_more_files_than_allowed_are_413(client):
    mapping = {f"f{index}": ["variables.file"] for index in range(4)}
    response = await client.upload(whole(mapping=json.dumps(mapping).encode()))
    assert (response.status, response.code) == (413, "PAYLOAD_TOO_LARGE")


async def test_more_paths_to_one_file_than_allowed_are_400(client):
    variables = {"files": [None] * 21}
    mapping = {"f": [f"variables.files.{index}" for index in range(21)]}
    response = await client.upload(upload_form(UPLOAD, variables, mapping, FILE))
    assert (response.status, response.code) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("body", [whole(b" " * (1024 * 1024 + 1)), whole(mapping=b" " * (64 * 1024 + 1))])
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
