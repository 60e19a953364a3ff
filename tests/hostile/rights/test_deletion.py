"""What is deleted is gone at once: by every field, every address, from every process, whatever a client has kept."""

from __future__ import annotations

import asyncio

import pytest

from tests import pictures
from tests.acceptance import staging
from tests.accounts import delete_account
from tests.client import Client, Person
from tests.hostile.rights import asking
from tests.hostile.rights.ground import ADDRESSES, Owner

DELETE = "mutation ($id: ID!) { deleteImage(input: {id: $id, permanently: true}) { __typename } }"
DELETE_BATCH = "mutation ($id: ID!) { deleteBatch(input: {id: $id, withImages: true}) { __typename ... on Error { message } } }"
KEPT = (
    {},
    {"Range": "bytes=0-9"},
    {"If-None-Match": "*"},
    {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
    {"Cache-Control": "only-if-cached"},
)
LOOKED_UP = ("Query.node", "Query.nodes", "Query.image", "Query.gallery", "Query.batch")


@pytest.fixture(scope="module")
def elsewhere(ground):
    return ground.service.serve_also("serve-2")


@pytest.fixture
async def carl(ground):
    async with Person.signed_up(ground.service.url) as person:
        yield await Owner(person).furnish(ground.origin)


async def statuses(urls, *places):
    """Of every address, in every process, by GET and HEAD, with whatever a client may say that it has."""
    async with asyncio.TaskGroup() as group:
        asked = [
            group.create_task(status(place, method, url, headers))
            for place in places
            for url in urls
            for method in ("GET", "HEAD")
            for headers in KEPT
        ]
    return {each.result() for each in asked}


async def gone(urls, *places):
    """Waits until a worker has taken away what lies there."""
    async with asyncio.timeout(30):
        while await statuses(urls, *places) != {404}:  # noqa: ASYNC110 - a worker tells nobody
            await asyncio.sleep(0.1)


async def status(place, method, url, headers):
    at_place = place + url[url.index("/", len("http://")) :]
    async with Client(place) as client, client.http.request(method, at_place, headers=headers) as response:
        await response.read()
        return response.status


async def test_r9_a_deleted_image_is_gone_at_once_everywhere(ground, carl, elsewhere):
    here = ground.service.url
    shown = await carl.person.data(ADDRESSES, image=carl.things["image"], batch=carl.things["batch"])
    urls = [
        shown["image"]["url"],
        shown["image"]["variant"]["url"],
        *(v["url"] for v in shown["image"]["variants"]),
    ]
    assert await statuses(urls, here, elsewhere) <= {200, 206, 304}

    await carl.person.data(DELETE, id=carl.things["image"])

    assert await statuses(urls, here, elsewhere) == {404}
    async with Client(elsewhere, carl.person.token) as there:
        for client in (carl.person, there):
            for field in LOOKED_UP:
                given = (
                    {"ids": [carl.things["image"]]}
                    if field.endswith("nodes")
                    else {"id": carl.things["image"]}
                )
                _, body = await asking.ask(client, field, {} if field.endswith("gallery") else given, depth=1)
                assert carl.things["image"] not in body
            (answer,) = await client.subscribe(
                asking.operation("Subscription.imageProgress", depth=0), id=carl.things["image"]
            )
            assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_r9_a_deleted_batch_takes_its_results_and_pictures_along(ground, carl, elsewhere):
    here, urls = ground.service.url, await carl.addresses()
    results = [urls["csv"], urls["extended"], urls["jsonl"]]
    items = await carl.person.data(
        "query ($id: ID!) { batch(id: $id) { items { nodes { image { url variants { url } } } } } }",
        id=carl.things["batch"],
    )
    image = next(node["image"] for node in items["batch"]["items"]["nodes"] if node["image"])
    pictured = [image["url"], *(variant["url"] for variant in image["variants"])]
    assert await statuses(results + pictured, here, elsewhere) <= {200, 206, 304}

    deleted = await carl.person.data(DELETE_BATCH, id=carl.things["batch"])

    assert deleted["deleteBatch"]["__typename"] == "DeleteBatchPayload"
    assert await statuses(results, here, elsewhere) == {404}
    for thing in ("batch", "product", "item"):
        assert (
            await carl.person.data("query ($id: ID!) { node(id: $id) { id } }", id=carl.things[thing])
        ) == {"node": None}
    await gone(pictured, here, elsewhere)


async def test_r9_with_an_account_all_that_it_kept_goes(ground, carl, elsewhere):
    urls = await carl.addresses()
    staged = await staging.stage(carl.person, pictures.jpeg(seed=960))

    assert (await delete_account(carl.person))["__typename"] == "DeleteAccountPayload"

    fetched = [url for kind, url in urls.items() if kind != "staged"]
    await gone(fetched, ground.service.url, elsewhere)
    async with asyncio.timeout(30):
        while await staging.send(staged, pictures.jpeg(seed=960)) != 404:  # noqa: ASYNC110 - nor does it here
            await asyncio.sleep(0.1)
