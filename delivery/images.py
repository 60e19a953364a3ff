"""Originals and variants: `GET /images/{id}/{version}/{name}`, signed."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from delivery import naming, redirects, sending
from delivery.counts import DeliveryCounts
from delivery.sending import SAFE_HEADERS, refusal
from delivery.signing import NEVER, Signer
from errors import DecodeError, ObjectNotFoundError, RateLimitedError, StorageError
from models.image import Image
from processing import recipes
from processing.recipes import Recipe
from processing.variants import Variants
from storage.abilities import Deriving, Linking
from storage.adapters import Storages

log = structlog.get_logger()

COME_AGAIN_SECONDS = "5"
LOOKS = 2
"""An image may be moved to another storage between a look at its document and one at its bytes."""


@dataclass(frozen=True)
class Asked:
    """A request whose signature is right, and how long it will be."""

    request: Request
    seconds_left: int
    has_no_end: bool

    @property
    def parameters(self) -> dict[str, str]:
        """`image_id`, `version` and `name`."""
        found: dict[str, str] = self.request.path_params
        return found

    @property
    def is_head(self) -> bool:
        """Whether only the headers are wanted."""
        return self.request.method == "HEAD"

    @property
    def cache_control(self) -> str:
        """For bytes, which never change under one address."""
        visibility = "public" if self.has_no_end else "private"
        return f"{visibility}, max-age={self.seconds_left}, immutable"


class ImageDelivery:
    """Answers for every signed address of an image."""

    def __init__(self, storages: Storages, signer: Signer, variants: Variants) -> None:
        self._storages = storages
        self._signer = signer
        self._variants = variants
        self.counts = DeliveryCounts()

    def routes(self) -> list[Route]:
        """What to mount."""
        return [Route("/images/{image_id}/{version}/{name}", self.answer, methods=["GET", "HEAD"])]

    async def answer(self, request: Request) -> Response:
        """The bytes, a part of them, the way to them, or why not. A signature is checked before anything is looked up."""
        response = await self._answer(request)
        self.counts.add(response, is_head=request.method == "HEAD")
        return response

    async def _answer(self, request: Request) -> Response:
        query = request.query_params
        expires = query.get("expires", "")
        seconds_left = self._signer.seconds_left(request.scope["path"], expires, query.get("signature", ""))
        if seconds_left is None:
            return refusal(403, "This address has expired or was changed. Ask for a fresh one.")
        try:
            return await self._deliver(Asked(request, seconds_left, has_no_end=expires == str(NEVER)))
        except DecodeError as error:
            return refusal(422, str(error))
        except RateLimitedError as error:
            message = "Too much was made of these images within an hour. What is made already can be fetched."
            return refusal(429, message, **{"Retry-After": str(error.retry_after_seconds)})
        except TimeoutError:
            return refusal(503, "This is still being made.", **{"Retry-After": COME_AGAIN_SECONDS})
        except StorageError as error:
            log.warning("storage fails a delivery", path=request.scope["path"], reason=str(error))
            message = "The picture cannot be fetched at the moment. Ask again."
            return refusal(503, message, **{"Retry-After": COME_AGAIN_SECONDS})

    async def _deliver(self, asked: Asked) -> Response:
        for _ in range(LOOKS):
            image = await naming.find(asked.parameters["image_id"], asked.parameters["version"])
            if image is None:
                break
            try:
                return await self._named(asked, image)
            except ObjectNotFoundError:
                continue
        return refusal(404, "There is nothing here any more.")

    async def _named(self, asked: Asked, image: Image) -> Response:
        name = asked.parameters["name"]
        if name == naming.ORIGINAL:
            return await self._original(asked, image)
        if preset := naming.preset(image, name):
            return await sending.send(asked.request, self._storages, preset, asked.cache_control)
        if recipe := recipes.parsed(name):
            return await self._on_demand(asked, image, recipe)
        raise ObjectNotFoundError(name)

    async def _original(self, asked: Asked, image: Image) -> Response:
        original = naming.original(image)
        storage = self._storages.of(image.storage.kind)
        we_know_enough = asked.is_head or sending.has_already(asked.request, original.etag)
        if isinstance(storage, Linking) and not we_know_enough:
            return await redirects.to_original(storage, image, asked.seconds_left)
        return await sending.send(asked.request, self._storages, original, asked.cache_control)

    async def _on_demand(self, asked: Asked, image: Image, recipe: Recipe) -> Response:
        storage = self._storages.of(image.storage.kind)
        if not isinstance(storage, Deriving):
            stored = await self._variants.find(image, recipe)
            wanted = naming.on_demand(image, recipe, stored)
            return await sending.send(asked.request, self._storages, wanted, asked.cache_control)
        if asked.is_head:
            return Response(headers=SAFE_HEADERS, media_type=recipe.media_type)
        return await redirects.to_derived(storage, image, recipe, asked.seconds_left)
