"""What the generated operations are sent by. The generator copies this file beside them."""

from __future__ import annotations

from client.transport import Transport


class Base(Transport):
    """The wire."""
