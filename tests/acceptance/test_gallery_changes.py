"""A gallery is watched: from a page on, from any change on, over sockets and server-sent events alike."""

from __future__ import annotations

import asyncio

import pytest
from bson import Timestamp

from models.moment import Moment
from tests import pictures
from tests.acceptance.streams import TRANSPORTS, first, subscribed
from tests.acceptance.upkeep import delete, restore, update
from tests.client import Person
from tests.service import Service

CHANGES = """
subscription ($after: String) { galleryChanges(after: $after) { cursor kind imageId image { id state } } }
"""
DEVELOPED = ["ADDED", "UPDATED", "UPDATED", "UPDATED"]


async def cursor(person):
    return (await person.data("{ gallery { changeCursor } }"))["gallery"]["changeCursor"]


async def changes(person, count, after, transport="socket"):
    found = await first(person, transport, count, CHANGES, after=after)
    return [payload["data"]["galleryChanges"] for payload in found]


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_what_comes_after_a_page_is_told_from_its_cursor(ann, transport):
    after = await cursor(ann)
    image = await ann.developed(pictures.jpeg(seed=70))

    seen = await changes(ann, 4, after, transport)

    assert [change["kind"] for change in seen] == DEVELOPED
    assert {change["imageId"] for change in seen} == {image["id"]}
    assert seen[-1]["image"] == {"id": image["id"], "state": "READY"}


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_the_stream_resumes_behind_any_change(ann, transport):
    after = await cursor(ann)
    await ann.developed(pictures.jpeg(seed=71))
    await ann.developed(pictures.jpeg(seed=72))
    seen = await changes(ann, 8, after)

    for position in (0, 3, 6):
        rest = await changes(ann, 7 - position, seen[position]["cursor"], transport)
        assert [change["cursor"] for change in rest] == [change["cursor"] for change in seen[position + 1 :]]


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_who_watches_is_told_what_comes(ann, transport):
    async with subscribed(ann, transport, CHANGES, after=await cursor(ann)) as payloads:
        watching = asyncio.ensure_future(anext(payloads))
        uploaded = await ann.upload(pictures.jpeg(seed=73))
        change = (await asyncio.wait_for(watching, 10))["data"]["galleryChanges"]

    assert (change["kind"], change["imageId"]) == ("ADDED", uploaded["image"]["id"])


async def test_without_after_only_what_comes_is_told(ann):
    before = (await changes(ann, 4, await cursor_and_image(ann)))[-1]
    async with subscribed(ann, "socket", CHANGES) as payloads:
        watching = asyncio.ensure_future(anext(payloads))
        await ann.data("{ viewer { id } }")
        uploaded = await ann.upload(pictures.jpeg(seed=75))
        change = (await asyncio.wait_for(watching, 10))["data"]["galleryChanges"]

    assert change["imageId"] == uploaded["image"]["id"] != before["imageId"]


async def cursor_and_image(person):
    after = await cursor(person)
    await person.developed(pictures.jpeg(seed=74))
    return after


async def test_nobody_is_told_of_anothers_gallery(ann, ben):
    after = await cursor(ben)
    await ann.developed(pictures.jpeg(seed=77))
    mine = (await ben.upload(pictures.jpeg(seed=78)))["image"]["id"]
    (anns, *_) = await changes(ann, 1, after)

    assert (await changes(ben, 1, after))[0]["imageId"] == mine
    assert (await changes(ben, 1, anns["cursor"]))[0]["imageId"] == mine


async def test_a_removed_image_is_told_and_no_longer_updated(ann):
    after = await cursor(ann)
    trashed, gone = [await ann.developed(pictures.jpeg(seed=seed)) for seed in (79, 80)]
    await delete(ann, trashed["id"])
    await delete(ann, gone["id"], permanently=True)

    seen = await changes(ann, 4, after)

    assert [(change["kind"], change["imageId"]) for change in seen] == [
        ("ADDED", trashed["id"]),
        ("ADDED", gone["id"]),
        ("REMOVED", trashed["id"]),
        ("REMOVED", gone["id"]),
    ]
    assert [change["image"] and change["image"]["id"] for change in seen] == [trashed["id"], None] * 2


async def test_describing_trashing_and_restoring_are_told(ann):
    after = await cursor(ann)
    image = await ann.developed(pictures.jpeg(seed=85))
    developed = await changes(ann, 4, after)
    await update(ann, image["id"], caption="At sea")
    await delete(ann, image["id"])
    await restore(ann, image["id"])

    seen = await changes(ann, 3, developed[-1]["cursor"])

    assert [change["kind"] for change in seen] == ["UPDATED", "REMOVED", "ADDED"]


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    "after", ["", "garbage", "é", "A" * 5_000, Moment.at(Timestamp(2**32 - 1, 1)).encode()]
)
async def test_what_is_no_cursor_is_refused(ann, after, transport):
    (answer,) = await first(ann, transport, 9, CHANGES, after=after)

    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"] == "`after` is not a cursor of galleryChanges."


async def test_a_cursor_of_the_list_is_none_of_its_changes(ann):
    await ann.upload(pictures.jpeg(seed=81))
    page = await ann.data("{ gallery { pageInfo { endCursor } } }")

    (answer,) = await ann.subscribe(CHANGES, after=page["gallery"]["pageInfo"]["endCursor"])

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_an_invented_cursor_breaks_nothing(ann):
    uploaded = await ann.upload(pictures.jpeg(seed=82))
    invented = Moment("82" + "00000001" + "00" * 40)

    (change,) = await changes(ann, 1, invented.encode())

    assert change["imageId"] == uploaded["image"]["id"]


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_nobody_in_particular_has_no_gallery(client, transport):
    (answer,) = await first(client, transport, 9, CHANGES)

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_w10_a_cursor_of_one_process_leads_on_in_another(tmp_path, ann, service):
    settings = {
        "MONGODB_URI": service.environment["MONGODB_URI"],
        "MONGODB_DATABASE": service.environment["MONGODB_DATABASE"],
        "JWT_SECRET": (service._folder / "jwt_secret").read_text(),
    }
    after = await cursor(ann)
    image = await ann.developed(pictures.jpeg(seed=83))
    seen = await changes(ann, 2, after)

    with Service(tmp_path, workers=0, **settings) as other:
        async with Person(other.url, ann.token) as elsewhere:
            rest = await changes(elsewhere, 2, seen[-1]["cursor"])

    assert [change["kind"] for change in seen + rest] == DEVELOPED
    assert {change["imageId"] for change in seen + rest} == {image["id"]}
