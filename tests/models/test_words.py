"""The words that an image is found by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import words


def found(search, *, filename="", caption=None, tags=()):
    """Whether each word of the search is the beginning of a word of the image."""
    known = words.of(filename, caption, tags)
    return all(any(word.startswith(sought) for word in known) for sought in words.sought(search))


@pytest.mark.parametrize(
    "search", ["img", "IMG", "2041", "204", "img_2041.jpg", "jpg 2041", "IMG-2041", "  img  "]
)
def test_a_filename_is_found_by_its_parts(search):
    assert found(search, filename="IMG_2041.jpg")


@pytest.mark.parametrize("search", ["mg", "041", "img 2042", "png", "img2041"])
def test_only_the_beginning_of_a_word_finds_it(search):
    assert not found(search, filename="IMG_2041.jpg")


@pytest.mark.parametrize("search", ["dsc20", "DSC2041", "2041", "2023", "2023hol", "holiday", "42"])
def test_a_number_beside_letters_is_found_by_itself_and_with_them(search):
    assert found(search, filename="DSC2041-2023holiday-42x.jpg")


@pytest.mark.parametrize(
    ("text", "search"),
    [
        ("Café Zürich", "cafe zurich"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("Straße", "STRASSE"),
        ("İstanbul", "istanbul"),
        ("Ελλάδα ΜΆΙΟΣ", "ελλαδα μάιος"),
        ("Ёлка в лесу", "елка лес"),
        ("東京タワー", "東京"),
        ("ﾊﾟﾝﾀﾞ", "パンダ"),
        ("서울 사진", "서 사진"),
        ("दिल्ली में", "दिल्ली"),
        ("كِتَاب", "كتاب"),
        ("می\u200cروم", "میروم"),
        ("ﬁnale №5", "finale no5"),
        ("١٢٣٤", "١٢"),
        ("Nguyễn", "nguyen"),
    ],
)
def test_scripts_case_and_accents_make_no_difference(text, search):
    assert found(search, caption=text)


def test_captions_tags_and_filenames_are_searched_together():
    assert found("img lake summer", filename="IMG.jpg", caption="A lake", tags=["Summer days"])


def test_each_word_stands_once_in_its_normal_form():
    assert words.of("a-A.jpg", "á b", ["B"]) == ["a", "b", "jpg"]


def test_a_long_word_is_found_by_as_much_of_it_as_is_kept():
    assert found("x" * 300, caption="x" * 2_000)
    assert max(map(len, words.of("", "x" * 2_000, []))) == words.LONGEST_CHARACTERS


@pytest.mark.parametrize("search", ["", "  ", "\t\n", "--- !? ☀", "\u0301", "\ud800"])
def test_what_has_no_letter_and_no_digit_seeks_nothing(search):
    assert words.sought(search) == []


@given(st.text())
def test_folding_again_changes_nothing(text):
    assert words.folded(words.folded(text)) == words.folded(text)


@given(st.text(), st.text(), st.lists(st.text(), max_size=5))
def test_every_image_is_found_by_the_whole_of_each_of_its_texts(filename, caption, tags):
    for text in (filename, caption, *tags):
        assert found(text, filename=filename, caption=caption, tags=tags)


@given(st.text())
def test_words_are_letters_and_digits_alone(text):
    assert all(word.isalnum() for word in words.of(text, None, []))


@pytest.mark.parametrize(
    "names", [["a.jpg", "Áb.jpg", "b.jpg", "C.jpg", "ç2.jpg", "Ž.jpg"], ["Äpfel", "apfelmus", "ÄPFELN"]]
)
def test_names_are_sorted_as_if_they_had_neither_case_nor_accents(names):
    mixed = names[::-1]

    assert sorted(mixed, key=words.sort_name) == names


def test_a_sort_name_has_a_bounded_length():
    assert len(words.sort_name("\ufdfa" * 255)) == words.LONGEST_SORT_NAME_CHARACTERS
