"""Originals decoded by libvips, in a child: what `develop.py` and `render.py` make of them."""

from __future__ import annotations

from errors import DecodeError
from processing import develop as developing
from processing import metadata
from processing import render as rendering
from processing.codec import failures
from processing.codec.orders import Development, Facts, PresetFacts, Rendering


def develop(content: memoryview, order: Development) -> tuple[Facts, list[bytes]]:
    """What goes with the presets, and the bytes of each.

    Raises:
        CompressionError: The pixels are damaged, or there are too many for the memory that one picture may have.
    """
    encoded = bytes(content)
    try:
        decoded = developing.decode(encoded, order.original)
    except DecodeError as error:
        raise failures.given_up(str(error.__cause__)) from error
    said = metadata.read(encoded, order.original.frame_count, order.policy)
    made = developing.develop(decoded, order.policy)
    facts = Facts(
        presets=[
            PresetFacts(
                name=each.name,
                width_px=each.width_px,
                height_px=each.height_px,
                size_bytes=len(each.content),
            )
            for each in made.presets
        ],
        thumbhash=made.thumbhash,
        dominant_color=made.dominant_color,
        details=said.details,
        privacy=said.privacy,
    )
    return facts, [each.content for each in made.presets]


def render(content: memoryview, order: Rendering) -> bytes:
    """The bytes of the variant.

    Raises:
        CompressionError: The pixels are damaged, or there are too many for the memory that one picture may have.
    """
    try:
        return rendering.variant(bytes(content), order)
    except DecodeError as error:
        raise failures.given_up(str(error.__cause__)) from error
