"""Strangers choose addresses; the service reaches nothing but what anybody could, and does not say why."""

from __future__ import annotations

import asyncio
import json

import pytest

from embedded import free_port
from tests import pictures
from tests.acceptance import batches
from tests.client import Person
from tests.hostile.oracle import says_nothing_of_the_inside, unharmed
from tests.hostile.ssrf import addresses, named
from tests.processing.fetch.origin import Origin, endless, ok, redirect, status
from tests.service import Service

pytestmark = pytest.mark.mongo

GENERIC = "FetchFailedError"
AT_ONCE = 4
IMPORT = """
mutation ($url: URL!) { importImage(input: {url: $url}) {
  __typename ... on ImportImagePayload { image { id } } ... on Error { message }
} }
"""
ITEMS = "query ($id: ID!) { batch(id: $id) { counts { total succeeded failed } items(first: 100) { nodes { sourceUrl state failure { code message } } } } }"
GOOD = pictures.photo(60_000, seed=80)


class NamedService(Service):
    """Has a name server and a port of its own."""

    program = "tests.hostile.ssrf.named"


@pytest.fixture(scope="module")
def ports():
    """That which nobody may connect to, and that of an origin that is allowed."""
    return free_port(), free_port()


@pytest.fixture(scope="module")
def service(mongo_uri, xdist_worker, tmp_path_factory, ports):
    settings = {
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": f"ssrf_{xdist_worker}",
        "FETCH_PRIVATE_ALLOWLIST": f"127.0.0.1:{ports[1]}",
        "MAX_FILE_SIZE_BYTES": "2000000",
        named.PORT: str(ports[0]),
        named.TABLE: json.dumps(addresses.NAMES),
    }
    with NamedService(tmp_path_factory.mktemp("ssrf"), **settings) as running:
        yield running


@pytest.fixture
async def ann(service):
    """Somebody who has had both processes at work: all that they load is loaded."""
    async with Person.signed_up(service.url) as person:
        await person.data(IMPORT, url="http://unknown.test/")
        await person.developed(pictures.jpeg(seed=81))
        yield person


@pytest.fixture
async def canary(ports):
    """Is at home wherever a guard that fails would lead; nobody may connect to it."""
    async with Origin().listening(port=ports[0]) as server:
        server.answers = {path: ok(GOOD) for path in ("/", "/a.jpg")}
        yield server
        assert server.connects == 0


@pytest.fixture
async def origin(ports):
    async with Origin().listening(port=ports[1]) as server:
        yield server


async def imported(person, urls):
    """What each address is answered with."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(url):
        async with turns:
            return await person.data(IMPORT, url=url)

    return [answer["importImage"] for answer in await asyncio.gather(*map(one, urls))]


async def everything_is_refused(service, person, urls):
    async with unharmed(service):
        answers = await imported(person, urls)
    assert {answer["__typename"] for answer in answers} <= {GENERIC, "InvalidInputError"}
    assert len({answer["message"] for answer in answers if answer["__typename"] == GENERIC}) <= 1
    assert all(says_nothing_of_the_inside(answer["message"]) for answer in answers)


async def test_s1_addresses_of_special_networks_are_not_connected_to(service, ann, canary):
    await everything_is_refused(service, ann, addresses.of_row("s1", canary.port))


async def test_s2_ipv6_addresses_that_lead_inside_are_not_connected_to(service, ann, canary):
    await everything_is_refused(service, ann, addresses.of_row("s2", canary.port))


async def test_s3_other_ways_to_write_this_machine_lead_nowhere(service, ann, canary):
    await everything_is_refused(service, ann, addresses.of_row("s3", canary.port))


async def test_s4_what_could_be_read_in_two_ways_leads_nowhere(service, ann, canary):
    await everything_is_refused(service, ann, addresses.of_row("s4", canary.port))


async def test_s5_only_http_and_https_are_addresses(service, ann, canary):
    await everything_is_refused(service, ann, addresses.of_row("s5", canary.port))


async def test_s6_no_redirect_leads_inside_or_goes_round_for_ever(service, ann, canary, origin):
    locations = [
        *addresses.of_row("s1", canary.port)[:4],
        *addresses.of_row("s7", canary.port), "file:///etc/passwd", "gopher://127.0.0.1/", f"//127.0.0.1:{canary.port}/",
        "http://2130706433/", "/loop", "https://127.0.0.1/",
    ]  # fmt: skip
    origin.answers = {f"/{number}": redirect(location) for number, location in enumerate(locations)}
    origin.answers |= {f"/hop{n}": redirect(f"/hop{n + 1}") for n in range(11)} | {"/loop": redirect("/loop")}
    paths = [*origin.answers, *(f"/{number}" for number in range(len(locations)))]

    await everything_is_refused(service, ann, [origin.url(path, "127.0.0.1") for path in paths])


async def test_s7_names_with_an_address_inside_are_not_connected_to(service, ann, canary):
    await everything_is_refused(service, ann, addresses.of_row("s7", canary.port))


async def test_s9_refused_forbidden_unknown_and_closed_are_one_and_the_same(service, ann, canary, origin):
    origin.answers = {
        "/500": status(500),
        "/cut": ok(GOOD)[:-100],
        "/gzip": ok(GOOD, "Content-Encoding: gzip"),
    }
    urls = [origin.url(path, "127.0.0.1") for path in (*origin.answers, "/404")]
    urls += ["http://unknown.test/", "http://127.0.0.1:22/", *addresses.of_row("s7", canary.port)]

    async with unharmed(service):
        answers = await imported(ann, urls)

    assert len({(answer["__typename"], answer["message"]) for answer in answers}) == 1


async def test_s12_services_inside_are_out_of_reach(service, ann, canary):
    await everything_is_refused(service, ann, addresses.of_row("s12", canary.port))


async def test_s1_s12_a_batch_reaches_no_further_than_an_import(service, ann, canary, origin):
    origin.answers = {"/good.jpg": ok(GOOD)}
    good = origin.url("/good.jpg", "127.0.0.1")
    every = [url for row in addresses.ROWS for url in addresses.of_row(row, canary.port)]
    inside = [url for url in every if url.isascii() and url.isprintable() and " " not in url]
    rows = [f'{number},Lamp,"{url}"' for number, url in enumerate([good, *inside]) if '"' not in url]

    async with unharmed(service):
        batch = await batches.created(ann, *rows, onInvalidRow="SKIP_ROWS")
        await ann.subscribe(batches.PROGRESS, id=batch["id"], after=0)

    found = (await ann.data(ITEMS, id=batch["id"]))["batch"]
    assert found["counts"]["succeeded"] == 1
    failures = [item["failure"] for item in found["items"]["nodes"] if item["sourceUrl"] != good]
    assert failures
    assert {(failure["code"], failure["message"]) for failure in failures} == {
        ("FETCH_FAILED", failures[0]["message"])
    }
    assert says_nothing_of_the_inside(str(found))


async def test_s8_bodies_that_are_endless_lying_or_packed_fail_their_rows_and_no_other(service, ann, origin):
    origin.answers = {
        "/good.jpg": ok(GOOD),
        "/endless": endless("Content-Type: image/jpeg", piece=GOOD + bytes(65_536)),
        "/10gb": status(200, "Content-Length: 10000000000") + GOOD,
        "/packed": ok(GOOD, "Content-Encoding: gzip"),
        "/page": ok(b"<!doctype html><title>Sign in</title>", "Content-Type: image/jpeg"),
        "/zeros": ok(bytes(100_000)),
    }
    rows = [f"{n},Lamp,{origin.url(path, '127.0.0.1')}" for n, path in enumerate(origin.answers)]

    async with unharmed(service):
        batch = await batches.created(ann, *rows)
        await ann.subscribe(batches.PROGRESS, id=batch["id"], after=0)

    items = (await ann.data(ITEMS, id=batch["id"]))["batch"]["items"]["nodes"]
    ended = {
        item["sourceUrl"].rpartition("/")[2]: item["failure"] and item["failure"]["code"] for item in items
    }
    assert ended == {
        "good.jpg": None,
        "endless": "FILE_TOO_LARGE",
        "10gb": "FILE_TOO_LARGE",
        "packed": "FETCH_FAILED",
        "page": "UNSUPPORTED_FORMAT",
        "zeros": "UNSUPPORTED_FORMAT",
    }
