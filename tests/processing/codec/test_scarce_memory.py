"""Images that need more memory than one may have: whichever library it is that runs out, they are too large."""

import pytest

from models.values import Compression, MetadataPolicy
from processing.codec.base import CompressionError, Wish
from processing.codec.pool import Bounds, Pool
from processing.probe import Limits
from tests import pictures

SIDE_PX = 3_000
LARGE = {
    "libvips": (pictures.webp(SIDE_PX, SIDE_PX, flat=True), Compression(), 16),
    "libheif": (pictures.avif(SIDE_PX, SIDE_PX, flat=True), Compression(), 64),
    "libjpeg": (pictures.jpeg(SIDE_PX, SIDE_PX, flat=True, progressive=True), Compression(), 16),
}


@pytest.mark.parametrize("library", LARGE)
async def test_an_image_for_which_memory_does_not_suffice_is_too_large(library):
    content, compression, most_mb = LARGE[library]
    pool = Pool(1, Limits(max_pixels=50_000_000, max_frames=1_000), Bounds(memory_bytes=most_mb * 2**20))

    async with pool.slot() as slot:
        slot.write(content)
        with pytest.raises(CompressionError) as refused:
            await slot.compress(Wish(compression, MetadataPolicy.STRIP_ALL))
    await pool.close()

    failed = refused.value.failure
    assert (failed.code, failed.retryable) == ("IMAGE_TOO_LARGE_TO_COMPRESS", False)
