"""libvips, made safe: what is opened with it, and with which of its loaders."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import pyvips

LOADERS = ("Jpeg", "Png", "Webp", "Heif", "Nsgif")


@cache
def harden() -> None:
    """Loaders are chosen by content: only those of our formats may run, and nothing is cached between users.

    Pictures are developed side by side, so that one need not use all cores, unless `VIPS_CONCURRENCY` says otherwise.
    """
    if "VIPS_CONCURRENCY" not in os.environ:
        pyvips.concurrency_set(1)
    pyvips.cache_set_max(0)
    pyvips.block_untrusted_set(state=True)
    pyvips.operation_block_set("VipsForeignLoad", state=True)
    for loader in LOADERS:
        pyvips.operation_block_set(f"VipsForeignLoad{loader}", state=False)


def loadable(content: bytes) -> bytes:
    """By the brand of a still picture, libvips (8.18) loads of an AVIF sequence the still that each of them has."""
    if content[4:12] == b"ftypavis":
        return content[:8] + b"avif" + content[12:]
    return content


def opened(content: bytes) -> Any:
    """The picture's size, colours and metadata; pixels are decoded when they are asked for.

    Raises:
        pyvips.Error: It cannot be read.
    """
    harden()
    return pyvips.Image.new_from_buffer(loadable(content), "")


def fields(image: Any) -> list[str]:
    """What the image has beside its pixels, by name. `pyvips` has this too, but fails where a name is not UTF-8, as the
    names of a PNG's comments need not be; such bytes come as surrogates, and `remove` knows them again.
    """
    listed = pyvips.vips_lib.vips_image_get_fields(image.pointer)
    names: list[str] = []
    while listed[len(names)] != pyvips.ffi.NULL:
        names.append(pyvips.ffi.string(listed[len(names)]).decode("utf-8", "surrogateescape"))
        pyvips.glib_lib.g_free(listed[len(names) - 1])
    pyvips.glib_lib.g_free(listed)
    return names


def remove(image: Any, field: str) -> None:
    """Takes a field away, if it can be."""
    image.remove(field.encode("utf-8", "surrogateescape"))
