"""Whatever a client calls its file, the name can be shown, logged and sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processing import filenames


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a.jpg", "a.jpg"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie: x.jpg"),
        ("a\0.jpg", "a.jpg"),
        ("\u202egpj.a", "gpj.a"),
        ("\udc80.jpg", "jpg"),
        ("....", "image"),
        ("", "image"),
        ("cafe\u0301.jpg", "caf\u00e9.jpg"),
        ("x" * 256, "x" * 255),
        ("x" * 4_096 + ".jpg", "x" * 251 + ".jpg"),
    ],
)
def test_a_name_is_made_safe(sent, kept):
    assert filenames.safe(sent) == kept


@given(st.text(st.characters(codec=None), max_size=600))
def test_i9_any_name_gives_a_short_single_line_that_can_be_encoded(name):
    safe = filenames.safe(name)

    assert 1 <= len(safe) <= filenames.MAX_CHARACTERS
    assert safe.isprintable()
    assert safe.encode()
    assert not set(safe) & {"/", "\\"}
    assert filenames.safe(safe) == safe
