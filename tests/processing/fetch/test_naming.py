"""A name is found in whatever a server says, or in the address."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from processing import filenames
from processing.fetch.naming import filename

PARTS = st.sampled_from(
    ["attachment", ";", " ", "filename", "*", "=", '"', "''", "UTF-8", "%e2", "%", "\\", "0", "\udcff"]
)


@given(st.lists(PARTS | st.text(max_size=3)).map("".join), st.text(max_size=20))
def test_any_header_and_any_path_have_a_name_that_can_be_shown(disposition, path):
    header = disposition.replace("\r", "").replace("\n", "")

    assert filenames.safe(filename(header, "/" + path))
