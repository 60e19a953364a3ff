"""An address is read once, by one parser."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import FetchFailedError, InvalidInputError
from processing.fetch import Fetcher, target
from tests.processing.fetch.conftest import LIMITS, fetched

UNREAD = [
    "http://2130706433/", "http://0x7f.1/", "http://0x7f000001/", "http://0177.0.0.1/", "http://127.1/",
    "http://127.0.0.01/", "http://1.2.3.4.5/", "http://256.1.1.1/", "http://%31%32%37.0.0.1/", "http://127.0.0.%31/",
    "http://[::/", "http://[::1/", "http://::1/", "http://[::1]x/", "http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/",
    "http://.../", "http://a..b/", "http://-a.test/", f"http://{'a' * 64}.test/", f"http://{'a.' * 127}test/",
    "http:///a", "http://", "http://:80/", "http://a.test%2f@b.test/", "http://a.test%00/", "http://a,b.test/",
]  # fmt: skip
AMBIGUOUS = [
    "http://user@a.test/", "http://ok@127.0.0.1/", "http://a:b@a.test/", "http://a.test\\@b.test/",
    "http://a.test\\b", "http://a.test/a\\b", "http://a.test\t/", "http://a.te\nst/", "http://a.test/\r\nHost: b", " http://a.test/",
    "http://a.test /", "http://a.test/\0", "http://a.test/a b", "http://a.test/\u2028", "http://a.test/\ud800",
    "http://a.test:99999/", "http://a.test:0/", "http://a.test:8o/", "http://a.test:80:80/", "http://a.test:\u0661/",
    "http://a.test/" + "x" * 32_768,
]  # fmt: skip
OTHER_SCHEMES = [
    "file:///etc/passwd", "gopher://a.test/", "ftp://a.test/", "dict://a.test:11211/", "data:image/png;base64,AA",
    "jar:http://a.test!/", "unix:/run/docker.sock", "http+unix://a/", "//a.test/", "a.test/a.jpg", "http:/a.test",
    "http:a.test", "https", "", "javascript:alert(1)", "http\u017f://a.test/", "view-source:http://a.test/",
]  # fmt: skip


@pytest.mark.parametrize("url", UNREAD)
def test_s3_a_host_in_a_form_that_others_might_read_otherwise_is_refused(url):
    with pytest.raises(InvalidInputError) as refused:
        target.parsed(url)
    assert refused.value.field == ["url"]


@pytest.mark.parametrize("url", AMBIGUOUS)
def test_s4_what_could_be_read_in_two_ways_is_refused(url):
    with pytest.raises(InvalidInputError):
        target.parsed(url)


@pytest.mark.parametrize("url", OTHER_SCHEMES)
def test_s5_only_http_and_https_are_addresses(url):
    with pytest.raises(InvalidInputError):
        target.parsed(url)


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("HTTP://A.Test", "http://a.test/"),
        ("https://a.test.:443/x?y#z@b.test", "https://a.test/x?y"),
        ("http://a.test#@b.test/", "http://a.test/"),
        ("http://a.test?@b.test/", "http://a.test/?@b.test/"),
        ("http://a.test:/a", "http://a.test/a"),
        ("http://a.test:8080/%2F?a=%2F+%20&b", "http://a.test:8080/%2F?a=%2F+%20&b"),
        ("http://b\u00fccher.test/\u00fc?\u00fc", "http://xn--bcher-kva.test/%C3%BC?%C3%BC"),
        ("http://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460/", "http://127.0.0.1/"),
        ("http://127.0.0.1./", "http://127.0.0.1/"),
        ("http://[0:0::1]:80/", "http://[::1]/"),
        ("http://[::FFFF:127.0.0.1]/", "http://[::ffff:7f00:1]/"),
        ("http://a_b.test/", "http://a_b.test/"),
    ],
)
def test_s3_s4_an_address_is_normalised(url, read):
    assert target.parsed(url).url == read
    assert target.parsed(read) == target.parsed(url)


@pytest.mark.parametrize(
    "host", ["\u2460\u2461\u2466.\u24ea.\u24ea.\u2460", "127.0.0.1.", "localhost.", "[::]"]
)
async def test_s3_other_ways_to_write_this_machine_lead_nowhere(public_fetcher, names, dialled, host):
    names.addresses["localhost"] = ["127.0.0.1"]

    with pytest.raises(FetchFailedError):
        await fetched(public_fetcher, f"http://{host}/")
    assert dialled == []


@pytest.mark.parametrize("port", [1, 22, 25, 81, 6379, 8080, 27017, 65535])
async def test_s4_no_other_port_than_those_of_the_web_is_connected_to(names, dialled, port):
    names.addresses["a.test"] = ["93.184.216.34"]

    with pytest.raises(FetchFailedError):
        await fetched(Fetcher(LIMITS, names), f"http://a.test:{port}/")
    assert (dialled, names.asked) == ([], [])


@given(st.text(max_size=40), st.sampled_from(["", "http://", "https://", "http://["]))
def test_s4_any_text_is_an_address_that_reads_the_same_again_or_is_refused(text, scheme):
    try:
        read = target.parsed(scheme + text)
    except InvalidInputError:
        return
    assert target.parsed(read.url) == read
    assert read.url.isascii()
