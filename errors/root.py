"""The root of the tree."""

from __future__ import annotations


class DarkroomError(Exception):
    """Anything that Darkroom raises by itself."""
