"""Images fetched from adapters that tests make up, without a process."""

from __future__ import annotations

import httpx
from starlette.applications import Starlette

from delivery import naming
from delivery.images import ImageDelivery
from delivery.signing import Signer
from processing import recipes
from processing.sizes import Box, Fit
from processing.variants import Variants
from storage.adapters import Storages
from tests.processing.in_process import InProcess


async def fetched(storage, image, name, ttl_seconds=300, method="GET", others=None, **headers):
    """The answer to a signed request, from an image in `storage`."""
    storages = Storages(storage, others)
    signer = Signer("s" * 32, public_url="http://pictures", ttl_seconds=ttl_seconds)
    delivery = ImageDelivery(storages, signer, Variants(storages, InProcess(), pixels_per_hour=10**9))
    transport = httpx.ASGITransport(Starlette(routes=delivery.routes()))
    async with httpx.AsyncClient(transport=transport) as http:
        return await http.request(method, signer.address(naming.path(image, name)), headers=headers)


def half_of(image, fit=Fit.FILL, width_px=32):
    """A recipe for something smaller."""
    return recipes.of(image, Box(width_px, 24), fit, "image/webp")
