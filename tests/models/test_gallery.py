"""A gallery is one list, whichever way and however narrowed it is read."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from beanie import PydanticObjectId

from models import transactions
from models.gallery import NEWEST_FIRST, Filter, Gallery, OrderField
from models.image import ImageState
from models.page import Direction, Window
from models.tally import Tally
from tests import albums
from tests.albums import BEGAN

pytestmark = pytest.mark.mongo
ORDERS = [field.order(direction) for field in OrderField for direction in Direction]
NAMES = ["b.jpg", "A.jpg", "á.jpg", "image.jpg", "image.jpg", "image.jpg", "Image.JPG"]


@pytest.fixture
async def album(database, owner_id):
    """Images among which every field has values that several share."""
    described = [
        {"minute": number // 4, "size_bytes": 1_000 + number % 3, "filename": NAMES[number % len(NAMES)]}
        for number in range(23)
    ]
    await albums.keep(PydanticObjectId(), *described[:5])
    return await albums.keep(owner_id, *described)


async def forwards(gallery, order, size):
    after = None
    while True:
        page = await gallery.page(Window(order, size, after=after))
        yield page
        if not page.has_next:
            return
        after = order.position(page.items[-1])


async def backwards(gallery, order, size):
    before = None
    while True:
        page = await gallery.page(Window(order, size, from_end=True, before=before))
        yield page
        if not page.has_previous:
            return
        before = order.position(page.items[0])


def sorted_by(images, order):
    return sorted(
        images,
        key=lambda image: (getattr(image, order.field), image.id),
        reverse=order.direction is Direction.DESC,
    )


@pytest.mark.parametrize("size", [1, 4, 22, 23, 24])
@pytest.mark.parametrize("order", ORDERS)
async def test_pages_make_up_the_same_list_forwards_and_backwards(album, owner_id, order, size):
    gallery, wanted = Gallery(owner_id, Filter()), [image.id for image in sorted_by(album, order)]

    there = [page async for page in forwards(gallery, order, size)]
    back = [page async for page in backwards(gallery, order, size)][::-1]

    for pages in (there, back):
        assert [image.id for page in pages for image in page.items] == wanted
        assert [page.has_previous for page in pages] == [False] + [True] * (len(pages) - 1)
        assert [page.has_next for page in pages] == [True] * (len(pages) - 1) + [False]
        assert {len(page.items) for page in pages} <= {size, 23 % size or size}


async def test_the_other_bound_ends_a_page_early(album, owner_id):
    images, gallery = sorted_by(album, NEWEST_FIRST), Gallery(owner_id, Filter())
    after, before = NEWEST_FIRST.position(images[3]), NEWEST_FIRST.position(images[9])

    first, last, all_between = [
        await gallery.page(Window(NEWEST_FIRST, size, from_end, after, before))
        for size, from_end in ((2, False), (2, True), (5, False))
    ]

    assert (first.items, first.has_previous, first.has_next) == (images[4:6], True, True)
    assert (last.items, last.has_previous, last.has_next) == (images[7:9], True, True)
    assert (all_between.items, all_between.has_next) == (images[4:9], False)


async def test_a_place_outlives_the_image_that_was_there(album, owner_id):
    images, gallery = sorted_by(album, NEWEST_FIRST), Gallery(owner_id, Filter())
    position = NEWEST_FIRST.position(images[5])
    await images[5].delete()

    behind = await gallery.page(Window(NEWEST_FIRST, 3, after=position))
    before = await gallery.page(Window(NEWEST_FIRST, 3, from_end=True, before=position))

    assert (behind.items, before.items) == (images[6:9], images[2:5])


@pytest.fixture
async def varied(database, owner_id):
    """Images by name, each of its own kind."""
    images = await albums.keep(
        owner_id,
        {"filename": "lake.png", "minute": 1, "media_type": "image/png", "tags": ["Holiday", "2026"]},
        {"filename": "hill.jpg", "minute": 2, "caption": "By the Lake", "tags": ["holiday"]},
        {"filename": "dog.gif", "minute": 3, "media_type": "image/gif", "state": ImageState.FAILED},
        {"filename": "old.jpg", "minute": 4, "trashed": True, "tags": ["Holiday"]},
        {"filename": "lake.jpg", "minute": 5, "trashed": True},
        {"filename": "star.jpg", "minute": 6, "tags": ["☆", "Holiday"]},
    )
    tally = Tally(owner_id=owner_id, image_count=4)
    await transactions.run(lambda transaction: Tally.add([tally], transaction))
    return images


ALL = ["star.jpg", "dog.gif", "hill.jpg", "lake.png"]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Filter(), ALL),
        (Filter(search="  ☆ "), ALL),
        (Filter(search="LÄKE"), ["hill.jpg", "lake.png"]),
        (Filter(search="lake holi"), ["hill.jpg", "lake.png"]),
        (Filter(search="lake 20"), ["lake.png"]),
        (Filter(search="ake"), []),
        (Filter(tags_all=("Holiday",)), ["star.jpg", "lake.png"]),
        (Filter(tags_all=("holiday",)), ["hill.jpg"]),
        (Filter(tags_all=("2026", "Holiday")), ["lake.png"]),
        (Filter(tags_all=("Holi",)), []),
        (Filter(tags_all=("☆",)), ["star.jpg"]),
        (Filter(tags_all=("Holiday",), search="star"), ["star.jpg"]),
        (Filter(media_types=("image/png", "image/gif")), ["dog.gif", "lake.png"]),
        (Filter(media_types=("image/tiff",)), []),
        (Filter(state=ImageState.FAILED), ["dog.gif"]),
        (Filter(created_after=BEGAN + timedelta(minutes=2)), ["star.jpg", "dog.gif"]),
        (Filter(created_before=BEGAN + timedelta(minutes=2)), ["lake.png"]),
        (
            Filter(created_after=BEGAN + timedelta(minutes=1), created_before=BEGAN + timedelta(minutes=6)),
            ["dog.gif", "hill.jpg"],
        ),
        (Filter(trashed=True), ["lake.jpg", "old.jpg"]),
        (Filter(trashed=True, search="lake"), ["lake.jpg"]),
        (Filter(trashed=True, tags_all=("Holiday",), media_types=("image/jpeg",)), ["old.jpg"]),
    ],
)
async def test_a_filter_lets_through_what_meets_all_of_it(varied, owner_id, wanted, names):
    gallery = Gallery(owner_id, wanted)

    pages = [page async for page in forwards(gallery, NEWEST_FIRST, 1)]

    assert [image.filename for page in pages for image in page.items] == names
    assert await gallery.count() == len(names)


@pytest.mark.parametrize("wanted", [Filter(), Filter(search=" "), Filter(trashed=False)])
async def test_an_unfiltered_count_is_the_owners_tally(database, owner_id, wanted):
    tally = Tally(owner_id=owner_id, image_count=1_000_000)
    await transactions.run(lambda transaction: Tally.add([tally], transaction))

    assert await Gallery(owner_id, wanted).count() == 1_000_000


async def test_pages_have_no_hole_while_images_come_and_go(album, owner_id):
    gallery, seen = Gallery(owner_id, Filter()), []
    stay = {image.id for number, image in enumerate(album) if number % 3}

    async for page in forwards(gallery, OrderField.SIZE_BYTES.order(Direction.ASC), 2):
        seen += page.items
        await albums.keep(owner_id, {"size_bytes": 1_001})
        for image in album[: len(seen)]:
            if image.id not in stay:
                await image.delete()

    assert stay <= {image.id for image in seen}
    assert all((a.size_bytes, a.id) < (b.size_bytes, b.id) for a, b in pairwise(seen))
