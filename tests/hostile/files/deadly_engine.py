"""The codec's engine, but a picture that says so has it crash, run away or fill the memory."""

from __future__ import annotations

import re

from processing.codec import engine
from processing.codec.engine import compress, on_fatal, prepare
from tests import pictures
from tests.processing.codec import faults
from tests.processing.probe import files

__all__ = ["compress", "develop", "on_fatal", "prepare", "render"]

ORDER = re.compile(rb"dies in (develop|render) by (\w+)\.")


def deadly(method: str, fault: str, seed: int = 0) -> bytes:
    """A sound PNG that kills what decodes it so."""
    said = f"Comment\0dies in {method} by {fault}.".encode()
    return files.png_with(pictures.png(60, 40, seed=seed), files.chunk(b"tEXt", said))


def develop(content, order):
    _obey(content, b"develop")
    return engine.develop(content, order)


def render(content, order):
    _obey(content, b"render")
    return engine.render(content, order)


def _obey(content, method):
    said = ORDER.search(bytes(content))
    if said and said[1] == method:
        faults.DOES[said[2].decode()]()
