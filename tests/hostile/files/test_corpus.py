"""Whatever is sent, what comes of it is what is written down, and nobody else notices."""

from __future__ import annotations

import itertools

import pytest

from tests.hostile.files import corpus, senders
from tests.hostile.oracle import unharmed
from tests.processing.fetch.origin import Origin

pytestmark = pytest.mark.mongo


@pytest.fixture
async def canary():
    """Nobody may connect to it."""
    async with Origin().listening() as server:
        yield server
        assert server.connects == 0


async def judged(service, person, cases):
    cases = list(cases)
    async with unharmed(service):
        found = await senders.verdicts(person, cases)
    assert found == {case.about: case.verdict for case in cases}


async def test_i1_what_is_sound_comes_in_however_odd_it_is(service, ann):
    await judged(service, ann, corpus.sound())


async def test_f17_what_is_cut_short_or_damaged_is_never_shown_half_grey(service, ann):
    await judged(service, ann, corpus.truncated())


async def test_f18_f19_i6_what_claims_to_be_huge_is_refused_before_it_is_decoded(service, ann):
    await judged(service, ann, corpus.huge())


async def test_f16_i8_what_is_no_picture_is_refused_and_fetches_nothing(service, ann, canary):
    await judged(service, ann, corpus.no_pictures(corpus.NETWORK.format(port=canary.port)))
    assert (await ann.data("{ gallery { totalCount } }"))["gallery"]["totalCount"] == 0


async def test_i7_a_polyglot_comes_in_if_it_is_a_picture_first(service, ann):
    await judged(service, ann, corpus.polyglots())


def test_no_two_files_of_the_corpus_are_the_same():
    cases = corpus.all_cases()
    assert not [a.about for a, b in itertools.combinations(cases, 2) if a.content == b.content]
