"""A client for Python: `Darkroom`, and what it may say. Nothing of the service itself is needed."""

from client.darkroom import Darkroom
from client.errors import RefusedError, UnreachableError

__all__ = ["Darkroom", "RefusedError", "UnreachableError"]
