"""Each redirect is checked as the first address was."""

from __future__ import annotations

import pytest

from errors import FetchFailedError
from processing.fetch import Fetcher
from processing.fetch.fetcher import MAX_REDIRECTS
from processing.fetch.target import parsed
from tests.processing.fetch.conftest import LIMITS, fetched
from tests.processing.fetch.origin import HOST, ok, redirect, status


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_s6_a_redirect_is_followed(fetcher, origin, code):
    origin.answers = {"/old": redirect("new/a.jpg?x=1", code), "/new/a.jpg?x=1": ok(b"bytes")}

    async with fetcher.open(parsed(origin.url("/old"))) as found:
        assert [bytes(piece) async for piece in found.pieces] == [b"bytes"]
    assert found.filename == "a.jpg"


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "other.test", "169.254.169.254"])
async def test_s6_a_redirect_to_the_inside_leads_nowhere(fetcher, names, origin, canary, host, code):
    names.addresses |= {"localhost": ["127.0.0.1"], "other.test": ["127.0.0.1"]}
    for port in (canary.port, origin.port, 80):
        origin.answers = {"/": redirect(f"http://{host}:{port}/in", code), "/in": ok(b"inside")}
        before = origin.connects

        with pytest.raises(FetchFailedError):
            await fetched(fetcher, origin.url("/"))
        assert origin.connects == before + 1


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "gopher://origin.test/", "", "http://", "//", "ftp://a.test", "http://u@{origin}/a.jpg",
     "/a b", "/a.\tjpg", "http:\\\\{origin}\\a.jpg", "/\xff"],
)  # fmt: skip
async def test_s6_a_redirect_to_no_address_leads_nowhere(fetcher, origin, location):
    to = location.replace("{origin}", f"{HOST}:{origin.port}")
    origin.answers = {"/": redirect(to), "/a.jpg": ok(b"bytes")}

    with pytest.raises(FetchFailedError):
        await fetched(fetcher, origin.url("/"))


async def test_s6_a_chain_of_redirects_ends(fetcher, origin):
    origin.answers = {f"/{n}": redirect(f"/{n + 1}") for n in range(11)} | {"/11": ok(b"bytes")}

    assert await fetched(fetcher, origin.url(f"/{11 - MAX_REDIRECTS}")) == b"bytes"
    origin.heads.clear()
    with pytest.raises(FetchFailedError):
        await fetched(fetcher, origin.url("/0"))
    assert len(origin.heads) == 1 + MAX_REDIRECTS


async def test_s6_a_loop_of_redirects_ends(fetcher, origin):
    origin.answers = {"/": redirect("/")}

    with pytest.raises(FetchFailedError):
        await fetched(fetcher, origin.url("/"))
    assert len(origin.heads) == 1 + MAX_REDIRECTS


async def test_s6_a_redirect_without_a_location_leads_nowhere(fetcher, origin):
    origin.answers = {"/": status(302, "Content-Length: 0")}

    with pytest.raises(FetchFailedError):
        await fetched(fetcher, origin.url("/"))


async def test_s6_a_redirect_looks_its_name_up_anew(fetcher, names, origin):
    names.addresses["other.test"] = ["10.0.0.1"]
    origin.answers = {"/": redirect("http://other.test/")}

    with pytest.raises(FetchFailedError):
        await fetched(fetcher, origin.url("/"))
    assert names.asked == [HOST, "other.test"]


async def test_s6_a_redirect_does_not_lend_its_origin_s_port_to_another_host(names, origin):
    names.addresses["other.test"] = ["127.0.0.1"]
    origin.answers = {"/": redirect(f"http://other.test:{origin.port}/a.jpg"), "/a.jpg": ok(b"bytes")}
    both = Fetcher(LIMITS, names, [(HOST, origin.port), ("other.test", origin.port)])

    assert await fetched(both, origin.url("/")) == b"bytes"
    with pytest.raises(FetchFailedError):
        await fetched(Fetcher(LIMITS, names, [(HOST, origin.port)]), origin.url("/"))
