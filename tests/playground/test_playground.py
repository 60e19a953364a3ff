from __future__ import annotations

import json
import re
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from graphql import build_schema, parse, validate
from playwright.async_api import expect

import playground
from tests import browser
from tests.engine import talk
from tests.playground import studio

BROWSER = {"Accept": "text/html"}


@pytest.fixture(scope="module")
async def origin():
    async with talk.listening(studio.app()) as line:
        yield f"http://127.0.0.1:{line.port}"


@pytest.fixture
async def page(chromium, origin):
    async with browser.opened(chromium, origin) as opened:
        yield opened


@asynccontextmanager
async def got(address, **headers):
    async with aiohttp.ClientSession() as http, http.get(address, headers=headers) as response:
        yield response


# ------------------------------------------------------------------ in a browser


class TestInChromium:
    pytestmark = browser.in_chromium

    async def test_the_page_asks_nobody_else_and_reports_no_fault(self, page):
        await page.run()
        await page.shows('"version": "1.2.3"')
        await page.run_example("Progress")
        await page.shows("There is nothing with this id.")
        hosts = {
            re.sub(r"^\w+://([^/]+).*", r"\1", url) for url in page.requests if not url.startswith("data:")
        }
        assert hosts == {page.origin.removeprefix("http://")}
        assert page.complaints == []
        assert "Darkroom" in await page.tab.title()

    async def test_a_typed_query_shows_its_data(self, page):
        await page.type_into(".graphiql-query-editor", "{ service { storage } }")
        await page.run()
        await page.shows('"storage": "GRIDFS"')

    async def test_somebody_signs_up_uploads_and_watches(self, page):
        await page.run_example("SignUp")
        await expect(page.tab.locator("#session")).to_have_text("Signed in as ann@example.com")
        await page.tab.set_input_files(
            "#file", {"name": "cat.png", "mimeType": "image/png", "buffer": b"12345"}
        )
        await page.run_example("Upload")
        await page.shows('"filename": "cat.png"')
        await page.shows('"sizeBytes": 5')
        await page.run_example("Progress")
        await page.shows('"stage": "READY"')
        await page.run_example("Gallery")
        await page.shows('"email": "ann@example.com"')
        assert page.complaints == []

    async def test_an_upload_without_a_file_says_what_to_do(self, page):
        await page.run_example("Upload")
        await page.shows("Attach a file first")

    async def test_the_headers_editor_outranks_the_remembered_token(self, page):
        await page.run_example("SignUp")
        await expect(page.tab.locator("#session")).to_have_text("Signed in as ann@example.com")
        await page.tab.get_by_role("button", name="Headers", exact=True).click()
        await page.type_into(".graphiql-editor-tool", '{"Authorization": "Bearer another"}')
        await page.run()
        await page.shows('"code": "UNAUTHENTICATED"')
        await expect(page.tab.locator("#session")).to_have_text("Signed in as ann@example.com")

    async def test_a_token_that_is_over_is_forgotten(self, page):
        await page.tab.evaluate("() => sessionStorage.setItem('darkroom.accessToken', 'over')")
        await page.run()
        await page.shows('"version": "1.2.3"')
        await expect(page.tab.locator("#session")).to_contain_text("Not signed in")

    async def test_a_session_whose_access_token_is_over_goes_on(self, page):
        await page.run_example("SignUp")
        await expect(page.tab.locator("#session")).to_have_text("Signed in as ann@example.com")
        await page.tab.evaluate("() => sessionStorage.setItem('darkroom.accessToken', 'over')")
        await page.run_example("Gallery")
        await page.shows('"email": "ann@example.com"')
        await expect(page.tab.locator("#session")).to_have_text("Signed in as ann@example.com")

    async def test_a_socket_whose_access_token_is_over_goes_on(self, page):
        await page.run_example("SignUp")
        await expect(page.tab.locator("#session")).to_have_text("Signed in as ann@example.com")
        await page.tab.evaluate("() => sessionStorage.setItem('darkroom.accessToken', 'over')")
        await page.run_example("Progress")
        await page.shows("There is nothing with this id.")
        await expect(page.tab.locator("#session")).to_have_text("Signed in as ann@example.com")

    async def test_the_session_can_be_forgotten(self, page):
        await page.run_example("SignUp")
        await page.tab.get_by_role("button", name="Forget").click()
        await expect(page.tab.locator("#session")).to_contain_text("Not signed in")
        await page.run_example("Gallery")
        await page.shows('"viewer": null')


# ------------------------------------------------------------------ over HTTP


async def test_the_page_allows_itself_nothing_remote(origin):
    async with got(f"{origin}/graphql", **BROWSER) as response:
        policy = response.headers["content-security-policy"]
        host = origin.removeprefix("http://")
    assert "default-src 'self'" in policy
    assert f"connect-src 'self' ws://{host} wss://{host};" in policy
    assert "script-src" not in policy
    assert "*" not in policy


async def test_a_host_header_cannot_write_the_policy(origin):
    async with got(f"{origin}/graphql", Host="evil; script-src *", **BROWSER) as response:
        assert "evil" not in response.headers["content-security-policy"]


async def test_versioned_assets_are_kept_and_ours_are_asked_for_again(origin):
    for names, wanted in ((playground.VERSIONED, "immutable"), (playground.OURS, "no-cache")):
        for name in names:
            async with got(f"{origin}/playground/{name}") as response:
                assert response.status == 200
                assert wanted in response.headers["cache-control"]
                assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "name", ["__init__.py", "package.json", "index.html", "..%2fapp.py", "node_modules/react", ""]
)
async def test_nothing_else_of_the_folder_is_served(origin, name):
    async with got(f"{origin}/playground/{name}") as response:
        assert response.status == 404


async def test_without_its_assets_the_page_says_how_to_fetch_them(origin, monkeypatch):
    monkeypatch.setitem(playground.VERSIONED, "react-18.2.0.js", Path("nowhere"))
    async with got(f"{origin}/graphql", **BROWSER) as response:
        assert response.status == 503
        assert "make playground" in await response.text()
    async with got(f"{origin}/playground/react-18.2.0.js") as response:
        assert response.status == 404


def test_every_asset_that_the_page_names_is_served_in_the_locked_version():
    page = (playground.HERE / "index.html").read_text()
    named = set(re.findall(r'(?:src|href)="playground/([^"]+)"', page))
    assert named == {*playground.VERSIONED, *playground.OURS} - {"examples.graphql"}
    locked = json.loads((playground.HERE / "package.json").read_text())["dependencies"]
    assert all(f"-{version}." in " ".join(playground.VERSIONED) for version in locked.values())


def test_the_examples_are_valid_in_the_published_schema():
    schema = build_schema((studio.ROOT / "schema.graphql").read_text())
    assert validate(schema, parse((playground.HERE / "examples.graphql").read_text())) == []
