"""Ways to what a provider serves itself, so that no byte of it goes through us."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from delivery.sending import SAFE_HEADERS
from models.image import Image
from models.values import MetadataPolicy
from processing.recipes import Recipe
from storage.abilities import Deriving, Linking, Rendering

LONGEST_LINK_SECONDS = 15 * 60
LINK_LIVES_IN_CACHE = 1 / 3
"""Of a link's life; whoever follows a kept redirect still has the rest of it."""


async def to_original(storage: Linking, image: Image, seconds_left: int) -> Response:
    """To the original itself."""
    link = await storage.link(
        image.storage.key,
        media_type=image.media_type,
        filename=image.filename,
        ttl_seconds=_link_seconds(seconds_left),
    )
    return _redirect(link, seconds_left)


async def to_derived(storage: Deriving, image: Image, recipe: Recipe, seconds_left: int) -> Response:
    """To a variant that the provider makes. It may keep all metadata or none: what it must not keep all of, it drops."""
    rendering = Rendering(
        width_px=recipe.size.width_px,
        height_px=recipe.size.height_px,
        fit=recipe.fit,
        media_type=recipe.media_type,
        quality=recipe.quality,
        keep_metadata=image.metadata_policy == MetadataPolicy.KEEP,
    )
    link = await storage.derived_link(image.storage.key, rendering, ttl_seconds=_link_seconds(seconds_left))
    return _redirect(link, seconds_left)


def _link_seconds(seconds_left: int) -> int:
    return min(seconds_left, LONGEST_LINK_SECONDS)


def _redirect(link: str, seconds_left: int) -> Response:
    kept_seconds = int(_link_seconds(seconds_left) * LINK_LIVES_IN_CACHE)
    headers = {**SAFE_HEADERS, "Cache-Control": f"private, max-age={kept_seconds}"}
    return RedirectResponse(link, 302, headers)
