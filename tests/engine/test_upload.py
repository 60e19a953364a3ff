import asyncio
import tempfile
import tracemalloc
from hashlib import sha256

import pytest
from structlog.testing import capture_logs

from engine import spool
from engine.exchange import HttpBounds
from engine.http import GraphQLHTTP
from engine.upload import Files, UploadedFile
from tests.engine import toy
from tests.engine.test_multipart import reader
from tests.engine.wire import FORM, Response, form, head, part, read_response, upload_form

UPLOAD = "mutation($file: Upload!) { upload(file: $file) { filename sizeBytes checksum } }"
UPLOAD_ALL = """mutation($files: [Upload!]!, $order: [Int!]!) {
  all: uploadAll(files: $files, order: $order) { filename sizeBytes checksum }
}"""
SMALL, LARGE, OTHER = b"small" * 10, b"large" * 120_000, b"other" * 5
ALLOWED = {"graphql-require-preflight": "1", "authorization": "Bearer ann", "content-type": FORM}


def shown(content: bytes, filename: str) -> dict[str, object]:
    return {"filename": filename, "sizeBytes": len(content), "checksum": sha256(content).hexdigest()}


def many(query: str, *files: bytes, **variables: object) -> bytes:
    mapping = {f"f{index}": [f"variables.files.{index}"] for index in range(len(files))}
    named = [part(f"f{index}", content, f"{index}.jpg") for index, content in enumerate(files)]
    return upload_form(query, {"files": [None] * len(files), **variables}, mapping, *named)


@pytest.fixture
def spools(monkeypatch):
    """Counts the temporary files that are open."""
    opened = []

    def temporary_file():
        opened.append(real())
        return opened[-1]

    real = tempfile.TemporaryFile
    monkeypatch.setattr(spool.tempfile, "TemporaryFile", temporary_file)
    return opened


async def test_a_file_reaches_its_resolver_whole(client, spools):
    body = upload_form(UPLOAD, {"file": None}, {"f": ["variables.file"]}, part("f", LARGE, "a.jpg"))
    response = await client.upload(body)
    assert response.json() == {"data": {"upload": shown(LARGE, "a.jpg")}}
    assert spools == []


async def test_files_in_wire_order_are_not_kept(client, spools):
    response = await client.upload(many(UPLOAD_ALL, LARGE, SMALL, order=[0, 1]))
    assert response.json()["data"]["all"] == [shown(LARGE, "0.jpg"), shown(SMALL, "1.jpg")]
    assert spools == []


@pytest.mark.parametrize("order", [[2, 1, 0], [1, 0, 2], [1, 2, 0]])
async def test_files_asked_for_in_another_order_are_kept_until_then(client, spools, order):
    response = await client.upload(many(UPLOAD_ALL, LARGE, SMALL, OTHER, order=order))
    wanted = [shown(LARGE, "0.jpg"), shown(SMALL, "1.jpg"), shown(OTHER, "2.jpg")]
    assert response.json()["data"]["all"] == wanted
    assert [file.closed for file in spools] == [True]


@pytest.mark.parametrize("field", ["uploadAtOnce", "openAllThenRead"])
async def test_resolvers_that_read_at_the_same_time_get_their_own_bytes(client, spools, field):
    query = (
        f"mutation($files: [Upload!]!) {{ all: {field}(files: $files) {{ filename sizeBytes checksum }} }}"
    )
    response = await client.upload(many(query, LARGE, SMALL, LARGE))
    assert response.json()["data"]["all"] == [
        shown(LARGE, "0.jpg"),
        shown(SMALL, "1.jpg"),
        shown(LARGE, "2.jpg"),
    ]
    assert all(file.closed for file in spools)


async def test_readers_of_a_slow_wire_do_not_mix_their_bytes():
    contents = {"a": b"a" * 5_000, "b": b"b" * 7_000, "c": b"c" * 3_000}
    body = form(*(part(name, content, name) for name, content in contents.items()))
    files = Files(reader(body, [100] * 200), dict.fromkeys(contents, 1))
    found = await asyncio.gather(*(toy.received(UploadedFile(files, name)) for name in contents))
    assert found == [shown(content, name) for name, content in contents.items()]


async def test_an_opened_file_waits_while_others_are_fetched():
    parts = [part(name, name.encode() * 2_000, name) for name in ("a", "b", "c")]
    files = Files(reader(form(*parts), [100] * 200), {"a": 1, "b": 2, "c": 1})
    opened = {name: await files.open(name) for name in ("a", "b", "c")}
    for name, file in opened.items():
        assert await toy.consumed(name, file.pieces) == shown(name.encode() * 2_000, name)


async def test_a_file_that_was_given_up_is_skipped_not_kept(client, spools):
    query = "mutation($files: [Upload!]!) { giveUpOnFirst(files: $files) { sizeBytes } }"
    response = await client.upload(many(query, LARGE * 2, SMALL))
    assert response.json() == {"data": {"giveUpOnFirst": [{"sizeBytes": len(SMALL)}]}}
    assert spools == []


async def test_a_file_that_was_closed_is_not_kept_though_somebody_still_holds_it(spools):
    parts = reader(form(part("a", LARGE, "a.jpg"), part("b", SMALL, "b.jpg")))
    files = Files(parts, {"a": 1, "b": 1})
    first = await files.open("a")
    await anext(first.pieces)
    await first.pieces.aclose()

    second = await files.open("b")

    assert b"".join([bytes(piece) async for piece in second.pieces]) == SMALL
    assert spools == []
    assert files._spools == []


@pytest.mark.parametrize("content", [SMALL, LARGE])
async def test_a_file_for_two_variables_is_read_whole_by_both(client, spools, content):
    query = """mutation($a: Upload!, $b: Upload!) {
      a: upload(file: $a) { filename sizeBytes checksum } b: upload(file: $b) { filename sizeBytes checksum } }"""
    mapping = {"f": ["variables.a", "variables.b"]}
    response = await client.upload(
        upload_form(query, {"a": None, "b": None}, mapping, part("f", content, "a.jpg"))
    )
    assert response.json()["data"] == {"a": shown(content, "a.jpg"), "b": shown(content, "a.jpg")}
    assert all(file.closed for file in spools)


async def test_a_file_nobody_asks_for_is_drained(client, spools):
    query = "mutation($file: Upload) { ignore(file: $file) }"
    body = upload_form(query, {"file": None}, {"f": ["variables.file"]}, part("f", LARGE, "a.jpg"))
    response = await client.upload(body)
    assert (response.status, response.json(), spools) == (200, {"data": {"ignore": True}}, [])


async def test_parts_that_are_not_mapped_are_skipped_not_kept(client, spools):
    extra, wanted = part("extra", LARGE, "x.jpg"), part("f", SMALL, "a.jpg")
    body = upload_form(UPLOAD, {"file": None}, {"f": ["variables.file"]}, extra, wanted, extra)
    assert (await client.upload(body)).json()["data"]["upload"] == shown(SMALL, "a.jpg")
    assert spools == []


async def test_the_first_of_two_parts_with_one_name_counts(client):
    parts = part("f", SMALL, "a.jpg"), part("f", OTHER, "b.jpg")
    body = upload_form(UPLOAD, {"file": None}, {"f": ["variables.file"]}, *parts)
    assert (await client.upload(body)).json()["data"]["upload"] == shown(SMALL, "a.jpg")


async def test_an_upload_without_files_is_an_operation_like_others(client):
    body = upload_form("{ hello }", None, {})
    assert (await client.upload(body)).json() == {"data": {"hello": "hello world"}}


async def test_a_json_string_is_no_file(client):
    response = await client.query(UPLOAD, {"file": "text"}, accept="application/graphql-response+json")
    assert (response.status, response.code) == (400, "BAD_USER_INPUT")


async def sent_in_blocks(client, block: bytes, count: int) -> Response:
    """Uploads a file of `count` blocks without ever holding more than one of them."""
    start, end = upload_form(
        UPLOAD, {"file": None}, {"f": ["variables.file"]}, part("f", b"|", "a.jpg")
    ).split(b"|")
    length = len(start) + len(block) * count + len(end)
    async with client.connection() as (reader, writer):
        writer.write(head("POST", "/graphql", {**ALLOWED, "content-length": str(length)}) + start)
        for _ in range(count):
            writer.write(block)
            await writer.drain()
        writer.write(end)
        return await read_response(reader)


async def test_memory_stays_small_while_a_large_file_passes(client, stage, host):
    stage.app = GraphQLHTTP(toy.executor(), host, bounds=HttpBounds(max_request_bytes=1 << 30))
    tracemalloc.start()
    response = await sent_in_blocks(client, bytes(1 << 16), 1024)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert response.json()["data"]["upload"]["sizeBytes"] == 64 * 1024 * 1024
    assert peak_bytes < 4 * 1024 * 1024


@pytest.mark.parametrize("cut", [10, 200, 400, 500_000])
async def test_a_client_that_leaves_leaves_nothing_behind(client, graphql, stage, spools, cut):
    ended = asyncio.Event()

    async def watched(scope, receive, send):
        await graphql(scope, receive, send)
        ended.set()

    stage.app = watched
    body = many(UPLOAD_ALL, LARGE, SMALL, order=[1, 0])
    with capture_logs() as logs:
        async with client.connection() as (_, writer):
            writer.write(head("POST", "/graphql", {**ALLOWED, "content-length": str(len(body))}) + body[:cut])
            await writer.drain()
        async with asyncio.timeout(5):
            await ended.wait()
    assert all(file.closed for file in spools)
    assert logs == []


async def test_a_client_that_stops_sending_its_file_gets_408(client):
    body = upload_form(UPLOAD, {"file": None}, {"f": ["variables.file"]}, part("f", LARGE, "a.jpg"))
    async with client.connection() as (reader, writer):
        writer.write(head("POST", "/graphql", {**ALLOWED, "content-length": str(len(body))}) + body[:5000])
        response = await read_response(reader)
    assert (response.status, response.code) == (408, "REQUEST_TIMEOUT")


@pytest.mark.parametrize("query", [UPLOAD, "mutation($file: Upload) { ignore(file: $file) }"])
async def test_a_chunked_upload_above_the_limit_is_cut_off(client, query):
    body = upload_form(query, {"file": None}, {"f": ["variables.file"]}, part("f", bytes(2_100_000), "a.jpg"))
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    response = await client.send(
        head("POST", "/graphql", {**ALLOWED, "transfer-encoding": "chunked"}) + chunked
    )
    assert (response.status, response.code) == (413, "PAYLOAD_TOO_LARGE")


async def test_a_body_that_ends_inside_a_file_ends_the_request(client):
    body = upload_form(UPLOAD, {"file": None}, {"f": ["variables.file"]}, part("f", LARGE, "a.jpg"))
    response = await client.upload(body[:-100])
    assert (response.status, response.code) == (400, "BAD_REQUEST")


async def test_a_subscription_cannot_be_sent_as_a_form(client):
    response = await client.upload(upload_form("subscription { endless }", None, {}))
    assert (response.status, response.code) == (400, "BAD_REQUEST")


async def test_a_file_that_passed_cannot_be_opened_again(client):
    response = await client.upload(many(UPLOAD_ALL, SMALL, order=[0, 0]))
    assert response.code == "INTERNAL_SERVER_ERROR"


async def test_a_resolver_that_outlives_its_request_gets_no_half_file():
    files = Files(reader(form(part("f", LARGE, "a.jpg")), [1000]), {"f": 1})
    opened = await files.open("f")
    await files.finish()
    with pytest.raises(RuntimeError, match="over"):
        [piece async for piece in opened.pieces]


async def test_an_empty_file_is_a_file(client):
    body = upload_form(UPLOAD, {"file": None}, {"f": ["variables.file"]}, part("f", b"", ""))
    assert (await client.upload(body)).json()["data"]["upload"] == shown(b"", "")


async def test_the_media_type_is_recognised_in_any_letter_case(client):
    preflight = {"x_requested_with": "fetch", "authorization": "Bearer ann"}
    response = await client.post(form(), "Multipart/Form-Data; boundary=XbX", **preflight)
    assert (response.status, response.code) == (400, "BAD_REQUEST")
