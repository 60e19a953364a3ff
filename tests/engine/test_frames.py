from __future__ import annotations

import pytest
from websockets.frames import Frame, Opcode

from engine import frames


@pytest.mark.parametrize("size_bytes", [0, 1, 125, 126, 65_535, 65_536])
def test_a_built_frame_is_what_a_server_sends(size_bytes):
    text = b"x" * size_bytes

    assert frames.built(text) == Frame(Opcode.TEXT, text).serialize(mask=False)
