"""The app is served by Darkroom itself, and may reach nobody else."""

from __future__ import annotations

import gzip
import re

import aiohttp
import pytest
from starlette.applications import Starlette

import web
from providers import picture_origins
from settings import Settings
from tests.engine import talk

ORIGINS = ["https://media.example"]


@pytest.fixture
def built(tmp_path):
    assets = tmp_path / "assets"
    assets.mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>")
    (assets / "index-abc.js").write_text("said()")
    (assets / "index-abc.js.gz").write_bytes(gzip.compress(b"said()"))
    return tmp_path


@pytest.fixture
async def origin(built):
    async with talk.listening(Starlette(routes=web.App(ORIGINS, built).routes())) as line:
        yield f"http://127.0.0.1:{line.port}"


@pytest.fixture
async def http():
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        yield session


async def test_the_page_allows_itself_nothing_remote_but_where_pictures_are(http, origin):
    async with http.get(origin) as response:
        policy = response.headers["content-security-policy"]
        assert response.headers["cache-control"] == "no-cache"
    host = origin.removeprefix("http://")

    assert policy.split("; ")[:3] == [
        "default-src 'self'",
        f"connect-src 'self' ws://{host} wss://{host}",
        "img-src 'self' https://media.example",
    ]
    assert "unsafe" not in policy
    assert "*" not in policy


async def test_a_host_header_cannot_write_the_policy(http, origin):
    async with http.get(origin, headers={"Host": "evil; script-src *"}) as response:
        assert "evil" not in response.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip", "gzip"), ("br, gzip;q=0.5", "gzip"), ("gzip;q=0", None), ("", None), ("identity", None)],
)
async def test_an_asset_is_kept_for_ever_and_sent_in_what_is_accepted(http, origin, accepted, encoding):
    async with http.get(f"{origin}/assets/index-abc.js", headers={"Accept-Encoding": accepted}) as response:
        body = await response.read()

    assert response.headers.get("content-encoding") == encoding
    assert (gzip.decompress(body) if encoding else body) == b"said()"
    assert "immutable" in response.headers["cache-control"]
    assert response.headers["vary"] == "accept-encoding"
    assert response.content_type == "text/javascript"


@pytest.mark.parametrize("name", ["index.html", "..%2findex.html", "index-abc.js.gz", "nothing.js", ""])
async def test_nothing_else_is_served(http, origin, name):
    async with http.get(f"{origin}/assets/{name}") as response:
        assert response.status == 404


async def test_without_its_build_the_page_says_how_to_make_it(http, built, origin):
    (built / "index.html").unlink()
    async with http.get(origin) as response:
        assert response.status == 503
        assert "make web" in await response.text()


def test_pictures_may_lie_at_every_provider_that_is_set_up():
    settings = Settings(
        public_url="https://photos.example",
        imagekit_url_endpoint="https://ik.imagekit.io/me",
        s3_bucket="pictures",
        aws_region="eu-central-1",
    )

    assert picture_origins(settings) == [
        "https://photos.example",
        "https://ik.imagekit.io",
        "https://pictures.s3.eu-central-1.amazonaws.com",
    ]


@pytest.mark.skipif(not web.BUILT.is_dir(), reason="the app is not built")
def test_the_built_page_names_only_what_is_built():
    named = re.findall(r'(?:src|href)="\./assets/([^"]+)"', (web.BUILT / "index.html").read_text())

    assert named
    assert all((web.BUILT / "assets" / name).is_file() for name in named)
