"""What is made of originals in children that may die of it, other than smaller ones."""

import pytest

from errors import DecodeError, DecoderGoneError
from models.values import MetadataPolicy
from processing import decoding
from processing.codec.orders import Development, Original, Rendering
from processing.recipes import Recipe
from processing.sizes import Size
from storage.memory import MemoryStorage
from tests.processing.codec.pools import address_space, children, family, neighbour, pool_of
from tests.processing.darkroom import photo

ORIGINAL = Original("image/jpeg", 64, 48, 7)
DEVELOPMENT = Development(ORIGINAL, MetadataPolicy.KEEP)
RENDERING = Rendering(ORIGINAL, MetadataPolicy.KEEP, Recipe(Size(32, 24), "fill", "image/webp", 80))
DEATHS = {
    "segv": "DECODE_CRASH",
    "abort": "DECODE_CRASH",
    "leave": "DECODE_CRASH",
    "hog": "IMAGE_TOO_LARGE_TO_DECODE",
    "loop": "DECODE_TIMED_OUT",
    "refuse": "CORRUPT_IMAGE",
}


@pytest.fixture(scope="module")
async def pool():
    async with pool_of(2, cpu_seconds=0.3, wall_seconds=60) as running:
        yield running


async def of_bytes(pool, content, order=DEVELOPMENT):
    """What becomes of an original."""
    storage, image = MemoryStorage(), photo()

    async def pieces():
        yield content

    await storage.put(image.storage.key, pieces())
    async with decoding.original(pool, storage, image) as slot:
        return await (slot.develop(order) if isinstance(order, Development) else slot.render(order))


async def test_presets_are_cut_apart_again_and_their_facts_come_with_them(pool):
    made = await of_bytes(pool, b"keep 123")

    assert [(preset.name, preset.content) for preset in made.presets] == [
        ("medium", b"kee"),
        ("thumbnail", b"p 123"),
    ]
    assert (made.facts.details.frame_count, made.facts.privacy.policy) == (7, MetadataPolicy.KEEP)


async def test_a_variant_is_what_the_recipe_asks_for(pool):
    async with pool.slot() as slot:
        slot.write(b"keep")

        assert bytes(await slot.render(RENDERING)) == b"keepw32-h24-fill-q80.webp"


@pytest.mark.parametrize("order", [DEVELOPMENT, RENDERING])
@pytest.mark.parametrize("fault", DEATHS)
async def test_i12_a_picture_that_kills_its_decoder_fails_with_a_code_and_harms_no_other(pool, fault, order):
    with pytest.raises(DecodeError) as failed:
        await of_bytes(pool, fault.encode(), order)

    assert failed.value.code == DEATHS[fault]
    assert len((await of_bytes(pool, b"keep 123")).presets) == 2


async def test_a_decoder_that_hangs_is_killed_and_the_picture_may_be_tried_again():
    async with pool_of(1, wall_seconds=3) as impatient:
        before = await family(impatient)

        with pytest.raises(DecoderGoneError):
            await of_bytes(impatient, b"hang")

        assert (await family(impatient))[0] != before[0]


async def test_pools_of_one_nursery_have_one_mother_whose_children_work_for_all(pool):
    async with pool_of(1, nursery=pool._nursery) as beside:
        assert await family(pool) == await family(beside)


async def test_pools_of_one_nursery_work_side_by_side(pool, tmp_path):
    async with pool_of(1, nursery=pool._nursery) as beside, neighbour(pool, tmp_path):
        free, mother = await family(beside)

        assert len({free, *children(mother)}) == 2


async def test_a_child_may_be_given_more_memory_for_the_next_picture(pool):
    child, _ = await family(pool)

    now, most = address_space(child)

    assert now.isdigit()
    assert most == "unlimited"
