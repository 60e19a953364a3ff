"""Addresses work for as long as was said, and for nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery import signing
from delivery.signing import LONGEST_SECONDS, Signer

PATH = "/images/1/2/original"
NOW = 1_800_000_000


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands; move it by `clock.now += …`."""

    class Clock:
        now = float(NOW)

        def time(self):
            return self.now

    standing = Clock()
    monkeypatch.setattr(signing, "time", standing)
    return standing


@pytest.fixture
def signer():
    return Signer("s" * 32, public_url="https://pictures.example/", ttl_seconds=300)


def parts(address):
    found = urlsplit(address)
    query = parse_qs(found.query)
    return found.path, query["expires"][0], query["signature"][0]


def test_an_address_begins_with_the_public_url(signer):
    assert signer.address(PATH).startswith(f"https://pictures.example{PATH}?")


def test_an_address_works_for_its_lifetime_and_not_for_half_as_long_again(signer, clock):
    for _ in range(7):
        address = parts(signer.address(PATH))
        made_at = clock.now
        clock.now = made_at + 299.9
        assert signer.seconds_left(*address)
        clock.now = made_at + 450
        assert signer.seconds_left(*address) is None
        clock.now = made_at + 61


def test_an_address_stays_the_same_within_a_window_of_half_the_lifetime(signer, clock):
    clock.now = float(NOW - NOW % 150 + 1)
    first = signer.address(PATH)
    clock.now += 148
    assert signer.address(PATH) == first
    clock.now += 2
    assert signer.address(PATH) != first


def test_an_address_without_an_end_works_always(clock):
    signer = Signer("s" * 32, public_url="", ttl_seconds=signing.NEVER)
    address = parts(signer.address(PATH))

    clock.now += 10**9

    assert signer.seconds_left(*address) == LONGEST_SECONDS


@pytest.mark.parametrize("expires", ["", "-1", "1e9", "\u0661", "00", "+5", " 5", "9" * 40])
def test_an_end_that_is_no_plain_number_is_refused(signer, expires):
    _, _, signature = parts(signer.address(PATH))

    assert signer.seconds_left(PATH, expires, signature) is None


def test_r6_an_end_is_written_in_one_way(signer):
    _, expires, signature = parts(signer.address(PATH))

    assert signer.seconds_left(PATH, expires, signature)
    assert signer.seconds_left(PATH, f"0{expires}", signature) is None


def test_another_secret_signs_other_addresses(signer):
    other = Signer("t" * 32, public_url="", ttl_seconds=300)

    assert signer.seconds_left(*parts(other.address(PATH))) is None


@pytest.mark.parametrize("signature", ["", "x", "\u00e9" * 32, "\udc80"])
def test_a_signature_of_any_shape_is_refused_quietly(signer, signature):
    _, expires, _ = parts(signer.address(PATH))

    assert signer.seconds_left(PATH, expires, signature) is None


KEY = hmac.digest(b"s" * 32, b"darkroom addresses", hashlib.sha256)


@given(path=st.text().map(lambda text: f"/{text}") | st.from_regex(r"(/[a-z0-9-]{1,40}){3}", fullmatch=True))
def test_an_address_is_signed_with_hmac_and_quoted(path):
    signer = Signer("s" * 32, public_url="https://pictures.example/", ttl_seconds=signing.NEVER)

    addresses = {signer.address(path) for _ in range(2)}

    made = hmac.digest(KEY, f"{path}\n0".encode(), hashlib.sha256)
    signature = base64.urlsafe_b64encode(made[:24]).decode()
    assert addresses == {f"https://pictures.example{quote(path)}?expires=0&signature={signature}"}


def test_addresses_of_one_path_for_two_lifetimes_are_two(signer, clock):
    short, long = signer.address(PATH, 10), signer.address(PATH, 10_000)

    clock.now += 5_000

    assert signer.seconds_left(*parts(short)) is None
    assert signer.seconds_left(*parts(long))
