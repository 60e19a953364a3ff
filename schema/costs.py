"""What fields may cost at most: how long their lists are, how many addresses they sign, how many pixels those may make.

An address is a node, like an object: signing it is work. A side of a variant that is left out counts as the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from graphql import GraphQLObjectType, GraphQLSchema

from engine.costs import COST, NODES, PAGE, Cost, by
from resolvers import batches, paging, variants

PIXELS: Final = "pixels"

LIMITS: Final = {NODES: 10_000, PIXELS: 10_000_000_000}
"""Of one operation. A page of 100 with owners, presets, details and three formats of `srcSet` is a quarter of it."""

PRESETS: Final = 2
HEADERS: Final = 16
"""More than any provider wants of a staged upload."""


ITEMS: Final = 100
"""The most images in a row of a manifest."""

DELIVERIES: Final = 50
PROBLEMS: Final = 1_000


def _count(listed: Sequence[object] | None) -> int:
    return len(listed or ())


def _files(given: Mapping[str, Any] | None) -> int:
    return _count((given or {}).get("files"))


ADDRESS: Final = Cost(units={NODES: 1})
COSTS: Final = {
    "Query.gallery": Cost(page=by(paging.most, "first", "last")),
    "Query.nodes": Cost(size=by(_count, "ids")),
    "ImageConnection.edges": Cost(size=PAGE),
    "ImageConnection.nodes": Cost(size=PAGE),
    "Image.url": ADDRESS,
    "Image.variants": Cost(size=PRESETS),
    "Image.variant": Cost(units={PIXELS: by(variants.most_pixels, "widthPx", "heightPx")}),
    "Image.srcSet": Cost(
        units={
            NODES: by(variants.most_widths, "widthsPx"),
            PIXELS: by(variants.most_pixels_of_widths, "widthsPx"),
        }
    ),
    "Variant.url": ADDRESS,
    "StagedUpload.url": ADDRESS,
    "StagedUpload.headers": Cost(size=HEADERS),
    "StagedUpload.formFields": Cost(size=HEADERS),
    "Query.batches": Cost(page=by(paging.most_first, "first")),
    "BatchConnection.edges": Cost(size=PAGE),
    "BatchConnection.nodes": Cost(size=PAGE),
    "Query.products": Cost(page=by(paging.most_first, "first")),
    "Batch.products": Cost(page=by(paging.most_first, "first")),
    "ProductConnection.edges": Cost(size=PAGE),
    "ProductConnection.nodes": Cost(size=PAGE),
    "Batch.items": Cost(page=by(paging.most_first, "first")),
    "BatchItemConnection.edges": Cost(size=PAGE),
    "BatchItemConnection.nodes": Cost(size=PAGE),
    "Batch.events": Cost(size=by(batches.most_events, "first")),
    "Batch.problems": Cost(size=PROBLEMS),
    "CheckManifestPayload.problems": Cost(size=PROBLEMS),
    "InvalidManifestError.problems": Cost(size=PROBLEMS),
    "Batch.resultUrl": ADDRESS,
    "Product.items": Cost(size=ITEMS),
    "Product.outputImageUrls": Cost(units={NODES: ITEMS}),
    "Webhook.deliveries": Cost(size=DELIVERIES),
    "Mutation.uploadImages": Cost(page=by(_files, "input")),
    "UploadImagesPayload.results": Cost(size=PAGE),
}


def declare(published: GraphQLSchema) -> None:
    """Writes the costs into the fields' extensions, where the engine looks for them."""
    for name, cost in COSTS.items():
        type_name, _, field_name = name.partition(".")
        owner = published.type_map[type_name]
        assert isinstance(owner, GraphQLObjectType)  # noqa: S101 - COSTS names nothing else
        owner.fields[field_name].extensions[COST] = cost
