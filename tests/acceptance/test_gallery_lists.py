"""A gallery is ordered, narrowed down and paged both ways, as a front end does it."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest

from tests import pictures
from tests.acceptance import upkeep
from tests.client import Person

GALLERY = """
query ($first: Int, $after: String, $last: Int, $before: String, $filter: GalleryFilter, $orderBy: GalleryOrder) {
  gallery(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
    totalCount
    edges { cursor }
    nodes { id filename sizeBytes createdAt }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
FIELDS = {"CREATED_AT": "createdAt", "SIZE_BYTES": "sizeBytes", "FILENAME": "filename"}
ORDERS = [{"field": field, "direction": direction} for field in FIELDS for direction in ("ASC", "DESC")]
ALBUM = 6
BY_NAME = {"field": "FILENAME", "direction": "ASC"}


async def listed(person, **arguments):
    return (await person.data(GALLERY, **arguments))["gallery"]


async def names(person, **wanted):
    page = await listed(person, filter=wanted, orderBy=BY_NAME)
    assert page["totalCount"] == len(page["nodes"])
    return [node["filename"] for node in page["nodes"]]


@pytest.fixture
async def album(ann, ben):
    """Ann's pictures; Ben has some of the same names and words."""
    await fill(ann)
    await fill(ben)


async def fill(person):
    described = [
        ("IMG_2041.jpg", "Café in Zürich", ["Holiday"]),
        ("img_100.JPG", "東京タワーの夜景", ["Night", "Holiday"]),
        ("Äpfel.jpg", "Ёлка в лесу", []),
        ("apfel.jpg", None, ["fruit"]),
        ("straße.jpg", "ΜΆΙΟΣ", ["Night"]),
    ]
    for seed, (filename, caption, tags) in enumerate(described):
        content = pictures.jpeg(8 * (7 - seed), 8, seed=seed)
        uploaded = await person.upload(content, filename, caption=caption, tags=tags)
        assert uploaded["image"]["filename"] == filename
    await person.upload(pictures.png(seed=9), "square.png")


@pytest.fixture(scope="module")
async def readers():
    """Somebody with such pictures at each address, and somebody beside them; nobody changes anything."""
    async with AsyncExitStack() as until_the_end:
        known = {}

        async def reader_at(url):
            if url not in known:
                known[url], other = [
                    await until_the_end.enter_async_context(Person.signed_up(url)) for _ in range(2)
                ]
                await fill(known[url])
                await fill(other)
            return known[url]

        yield reader_at


@pytest.fixture
async def reader(readers, service):
    return await readers(service.url)


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: " ".join(order.values()))
async def test_every_order_is_one_list_forwards_and_backwards(reader, order):
    there, back, after, before = [], [], None, None
    while True:
        page = await listed(reader, first=4, after=after, orderBy=order)
        there += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    while True:
        page = await listed(reader, last=4, before=before, orderBy=order)
        back = page["nodes"] + back
        if not page["pageInfo"]["hasPreviousPage"]:
            break
        before = page["pageInfo"]["startCursor"]

    assert there == back
    assert len({node["id"] for node in there}) == ALBUM
    values = [node[FIELDS[order["field"]]] for node in there]
    if order["field"] != "FILENAME":
        assert values == sorted(values, reverse=order["direction"] == "DESC")


async def test_filenames_are_ordered_without_regard_to_case_and_accents(reader):
    assert await names(reader) == [
        "Äpfel.jpg",
        "apfel.jpg",
        "img_100.JPG",
        "IMG_2041.jpg",
        "square.png",
        "straße.jpg",
    ]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("2041", ["IMG_2041.jpg"]),
        ("IMG", ["img_100.JPG", "IMG_2041.jpg"]),
        ("cafe ZURICH", ["IMG_2041.jpg"]),
        ("東京", ["img_100.JPG"]),
        ("елка лес", ["Äpfel.jpg"]),
        ("μαιος", ["straße.jpg"]),
        ("STRASSE", ["straße.jpg"]),
        ("apf", ["Äpfel.jpg", "apfel.jpg"]),
        ("fru", ["apfel.jpg"]),
        ("night img", ["img_100.JPG"]),
        ("fel", []),
        ("night 2041", []),
    ],
)
async def test_a_search_finds_the_beginnings_of_words_in_any_script(reader, search, found):
    assert await names(reader, search=search) == found


@pytest.mark.parametrize(
    "nothing", [{"search": "  "}, {"tagsAll": []}, {"state": None}, {"trashed": False}, {}]
)
async def test_what_is_blank_null_or_empty_narrows_nothing(reader, nothing):
    assert len(await names(reader, **nothing)) == ALBUM


async def test_filters_are_combined(reader):
    assert await names(reader, tagsAll=["Holiday"]) == ["img_100.JPG", "IMG_2041.jpg"]
    assert await names(reader, tagsAll=["Holiday", "Night"]) == ["img_100.JPG"]
    assert await names(reader, tagsAll=["holiday"]) == []
    assert await names(reader, mediaTypes=["image/png"]) == ["square.png"]
    assert await names(reader, search="img", tagsAll=["Night"], mediaTypes=["image/jpeg"]) == ["img_100.JPG"]
    assert await names(reader, state="FAILED") == []


async def test_times_bound_a_list_without_belonging_to_it(reader):
    page = await listed(reader, orderBy={"field": "CREATED_AT", "direction": "ASC"})
    first, *between, last = page["nodes"]

    found = await listed(
        reader,
        filter={"createdAfter": first["createdAt"], "createdBefore": last["createdAt"]},
        orderBy={"field": "CREATED_AT", "direction": "ASC"},
    )

    assert (found["nodes"], found["totalCount"]) == (between, ALBUM - 2)


async def test_the_trash_is_a_list_of_its_own(ann, album):
    page = await listed(ann, filter={"search": "2041"})
    await upkeep.delete(ann, page["nodes"][0]["id"])

    assert await names(ann, trashed=True) == ["IMG_2041.jpg"]
    assert await names(ann, trashed=True, search="apfel") == []
    assert await names(ann, search="2041") == []
    assert (await listed(ann))["totalCount"] == ALBUM - 1


async def test_what_is_said_of_an_image_later_finds_it(ann, album):
    page = await listed(ann, filter={"search": "square"})
    await upkeep.update(ann, page["nodes"][0]["id"], caption="A zebra", tags=["Grévy"])

    assert await names(ann, search="zeb grevy square") == ["square.png"]
    assert await names(ann, tagsAll=["Grévy"]) == ["square.png"]


async def test_a_page_between_two_cursors_knows_what_lies_around_it(reader):
    whole = await listed(reader, first=6)
    cursors, nodes = [edge["cursor"] for edge in whole["edges"]], whole["nodes"]

    page = await listed(reader, last=2, after=cursors[0], before=cursors[4])

    assert page["nodes"] == nodes[2:4]
    assert page["totalCount"] == ALBUM
    assert page["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": True,
        "startCursor": cursors[2],
        "endCursor": cursors[3],
    }


async def test_cursors_stay_valid_while_images_come_and_go(ann, album):
    order = {"field": "SIZE_BYTES", "direction": "ASC"}
    whole = (await listed(ann, orderBy=order))["nodes"]
    page = await listed(ann, first=2, orderBy=order)
    after = page["pageInfo"]["endCursor"]
    await upkeep.delete(ann, page["nodes"][-1]["id"], permanently=True)
    await ann.upload(pictures.jpeg(8, 8, flat=True), "tiny.jpg")

    behind = await listed(ann, after=after, orderBy=order)
    before = await listed(ann, last=5, before=after, orderBy=order)

    assert behind["nodes"] == whole[2:]
    assert [node["filename"] for node in before["nodes"]] == ["tiny.jpg", whole[0]["filename"]]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"first": 1, "last": 1}, "`first` and `last`"),
        ({"last": 0}, "`last` is 1 to 100"),
        ({"last": 101}, "`last` is 1 to 100"),
        ({"before": "nonsense"}, "`before` is not a cursor of this list"),
        ({"after": "A" * 5_000}, "`after` is not a cursor of this list"),
        ({"filter": {"search": "x" * 257}}, "`search`"),
        ({"filter": {"search": "a b c d e f g h i j k"}}, "`search`"),
        ({"filter": {"tagsAll": ["x"] * 21}}, "`tagsAll`"),
        ({"filter": {"tagsAll": ["abc123" * 150_000]}}, "`tagsAll`"),
        ({"filter": {"mediaTypes": ["x"] * 21}}, "`mediaTypes`"),
    ],
)
async def test_an_argument_out_of_its_range_is_named(ann, arguments, named):
    (error,) = (await ann.execute(GALLERY, **arguments))["errors"]

    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"].startswith(named)


@pytest.mark.parametrize("other", [None, *ORDERS[1:]])
async def test_a_cursor_of_another_order_is_none(ann, other):
    await ann.upload(pictures.jpeg(seed=50))
    cursor = (await listed(ann, orderBy=ORDERS[0]))["pageInfo"]["endCursor"]

    answer = await ann.execute(GALLERY, after=cursor, orderBy=other)

    assert answer["errors"][0]["message"].startswith("`after` is not a cursor of this list")


@pytest.mark.parametrize(
    "odd",
    [
        {"search": "\u0000 ^.* $ne \ud800"},
        {"search": "\U0001f600\u0301"},
        {"tagsAll": ["$where", "\u0000", ""]},
        {"tagsAll": ["\ud800"]},
        {"mediaTypes": ["\ud800"]},
        {"createdAfter": "0001-01-01T00:00:00+14:00"},
        {"createdBefore": "9999-12-31T23:59:59-14:00"},
        {"createdBefore": "0001-01-01T00:00:00Z"},
    ],
)
async def test_whatever_is_sent_is_never_our_fault(ann, odd):
    answer = await ann.execute(GALLERY, filter=odd)

    codes = [error["extensions"].get("code") for error in answer.get("errors", [])]
    assert "INTERNAL_SERVER_ERROR" not in codes


async def test_nobody_has_no_gallery(client):
    answer = await client.execute(GALLERY, filter={"search": "x" * 300})

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
