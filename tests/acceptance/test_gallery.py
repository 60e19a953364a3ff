"""Images are found again: in the gallery, by their ids."""

from __future__ import annotations

import pytest

from tests import pictures

GALLERY = """
query ($first: Int, $after: String) {
  gallery(first: $first, after: $after) {
    totalCount
    edges { cursor node { id } }
    nodes { id filename owner { id email } storage createdAt }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


@pytest.fixture
async def seven(ann):
    """Ann's seven images, newest first."""
    uploads = [await ann.upload(pictures.jpeg(seed=seed), f"{seed}.jpg") for seed in range(7)]
    return [upload["image"]["id"] for upload in reversed(uploads)]


async def test_pages_lead_through_all_images_newest_first(ann, seven):
    seen, after, pages = [], None, 0
    while True:
        page = (await ann.data(GALLERY, first=3, after=after))["gallery"]
        seen += [node["id"] for node in page["nodes"]]
        pages += 1
        assert page["totalCount"] == 7
        assert page["pageInfo"]["hasPreviousPage"] is (pages > 1)
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]

    assert (seen, pages) == (seven, 3)


async def test_a_page_stays_where_it_was_while_others_are_uploaded(ann, seven):
    first = (await ann.data(GALLERY, first=3))["gallery"]
    await ann.upload(pictures.jpeg(seed=99))

    second = (await ann.data(GALLERY, first=3, after=first["pageInfo"]["endCursor"]))["gallery"]

    assert [node["id"] for node in second["nodes"]] == seven[3:6]


async def test_edges_carry_the_cursors_of_the_page(ann, seven):
    page = (await ann.data(GALLERY, first=2))["gallery"]

    assert [edge["node"]["id"] for edge in page["edges"]] == seven[:2]
    assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
    assert page["pageInfo"]["endCursor"] == page["edges"][1]["cursor"]


async def test_an_empty_gallery_is_an_empty_page(ann):
    page = (await ann.data(GALLERY))["gallery"]

    assert (page["edges"], page["totalCount"]) == ([], 0)
    assert page["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    }


async def test_an_image_shows_its_owner_and_storage(ann):
    await ann.upload(pictures.jpeg(seed=8))

    node = (await ann.data(GALLERY))["gallery"]["nodes"][0]

    assert (node["owner"], node["storage"]) == ({"id": ann.id, "email": ann.email}, "GRIDFS")
    assert node["createdAt"].endswith("Z")


@pytest.mark.parametrize(
    "arguments", [{"first": 0}, {"first": -1}, {"first": 101}, {"after": "nonsense"}, {"after": ""}]
)
async def test_arguments_out_of_range_say_so(ann, arguments):
    answer = await ann.execute(GALLERY, **arguments)

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert answer["data"] == {"gallery": None}


async def test_nodes_come_in_the_order_asked_with_null_for_what_is_not_there(ann, seven):
    ids = [seven[4], "garbage", ann.id, seven[0], seven[4]]

    nodes = (await ann.data("query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids=ids))["nodes"]

    assert [node and node["id"] for node in nodes] == [seven[4], None, ann.id, seven[0], seven[4]]
    assert nodes[2]["__typename"] == "User"


async def test_usage_counts_images_and_the_bytes_of_originals(ann):
    photo = pictures.jpeg(seed=9)
    await ann.upload(photo)

    usage = (await ann.data("{ viewer { usage { imageCount storedBytes } } }"))["viewer"]["usage"]

    assert usage == {"imageCount": 1, "storedBytes": len(photo)}


async def test_the_service_says_what_it_takes(client):
    query = "{ service { version storage maxFileSizeBytes maxPixels inputMediaTypes outputFormats } }"

    service = (await client.data(query))["service"]

    assert service["maxFileSizeBytes"] == 20 * 2**20
    assert set(service["inputMediaTypes"]) == {
        "image/jpeg",
        "image/png",
        "image/webp",
        "image/gif",
        "image/avif",
    }
