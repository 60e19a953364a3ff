"""All that a child of the codec can do."""

from __future__ import annotations

from processing.codec.compress import compress, on_fatal, prepare
from processing.codec.developing import develop, render

__all__ = ["compress", "develop", "on_fatal", "prepare", "render"]
