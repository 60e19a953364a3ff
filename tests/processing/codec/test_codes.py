"""Codes made for a picture: as short as Huffman's, and libjpeg can write every symbol with them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from processing.codec.jpeg import codes

often = st.lists(st.integers(0, 10**6), min_size=12, max_size=12)


def used(code, longest=16):
    """Of all there is room for."""
    return sum(count * 2 ** (longest - bits) for bits, count in enumerate(code.counts, 1))


@given(often=often)
def test_every_symbol_has_a_code_and_none_is_all_ones(often):
    counts = np.array(often + [0] * 244, float)

    code = codes.made_for(counts, codes.DC_SYMBOLS)

    assert sorted(code.symbols) == list(codes.DC_SYMBOLS)
    assert sum(code.counts) == len(code.symbols)
    assert used(code) < 2**16


@given(powers=st.permutations(range(12)))
def test_what_is_written_more_often_has_no_longer_code(powers):
    counts = np.array([2.0**power for power in powers] + [0] * 244)

    lengths = codes.made_for(counts, codes.DC_SYMBOLS).lengths[:12]

    assert [lengths[powers.index(power)] for power in range(11, -1, -1)] == [*range(1, 12), 12]


def test_no_code_is_longer_than_a_file_can_say():
    counts = np.zeros(256)
    counts[list(codes.AC_SYMBOLS)] = 1.618 ** np.arange(len(codes.AC_SYMBOLS))

    code = codes.made_for(counts, codes.AC_SYMBOLS)

    assert len(code.counts) == 16
    assert len(code.symbols) == sum(code.counts) == 162
    assert used(code) < 2**16
