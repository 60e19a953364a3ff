"""The recipes are run as they stand in their pages, against the real service."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from tests import pictures, shell
from tests.recipes import pages

STAGES = ["1 STORED", "2 PROBED", "3 VARIANTS_MADE", "4 READY"]
WORK = [
    *STAGES,
    "UnsupportedFormatError Send a JPEG, PNG, WebP, GIF or AVIF image.",
    "photo.jpg photo-2.jpg photo-3.jpg",
    "RUNNING 0",
    "RUNNING 1",
    "COMPLETED 1",
    "BAD_USER_INPUT",
]
PREPARED_BY = {
    "apollo.md": ["possible-types.mjs"],
    "urql.md": [],
    "relay.md": ["node_modules/relay-compiler/cli.js"],
}
SIGNED_UP = 'await signUp({ email: "ann@example.com", password: "correct horse battery" });\n'
A_NIGHT = """\
import { restore, saved } from "./session.js";
restore({ ...saved(), accessToken: "over" });
"""

pytestmark = pytest.mark.mongo


@pytest.mark.parametrize("kitchen", ["README.md"], indirect=True)
def test_what_all_share_goes_on_resumes_and_asks_again(kitchen):
    told = kitchen.main()

    assert told == [*STAGES, *STAGES, WORK[4].partition(" ")[2], "200 true"]


@pytest.mark.parametrize("kitchen", PREPARED_BY, indirect=True)
def test_a_recipe_does_what_it_says(kitchen):
    for script in PREPARED_BY[kitchen.page]:
        kitchen.run(script)

    assert kitchen.main() == WORK


@pytest.mark.parametrize("kitchen", PREPARED_BY, indirect=True)
def test_a_recipe_goes_on_with_a_token_that_is_over(kitchen):
    for script in PREPARED_BY[kitchen.page]:
        kitchen.run(script)
    main = kitchen.folder / "main.js"
    main.write_text(main.read_text().replace(SIGNED_UP, SIGNED_UP + A_NIGHT))

    assert A_NIGHT in main.read_text()
    assert kitchen.main() == WORK


def test_what_a_page_installs_is_what_it_is_run_with():
    run_with = json.loads((pages.RECIPES / "package.json").read_text())["dependencies"]
    text = "".join((pages.RECIPES / page).read_text() for page in PREPARED_BY)
    installed = {name for line in re.findall(r"npm install ([^&\n]*)", text) for name in line.split()}

    assert "@apollo/client" in installed
    assert installed - {"--save-dev"} <= run_with.keys()


def test_every_page_of_recipes_is_run():
    shown = {path.name for path in pages.RECIPES.glob("*.md")}

    assert shown == {"README.md", "curl.md", *PREPARED_BY}


@pytest.mark.parametrize("kitchen", ["../moving-over.md"], indirect=True)
def test_the_old_calls_work_on_the_new_api(kitchen):
    shutil.copy(pages.HERE / "moving.mjs", kitchen.folder / "main.js")

    assert kitchen.main() == [
        "2 2.jpg 1.jpg null",
        "The sea beach attachment",
        "null",
        WORK[4].partition(" ")[2],
    ]


def test_curl(fetching, nobody, tmp_path):
    (tmp_path / "photo.jpg").write_bytes(pictures.photo(seed=7))
    steps = shell.steps((pages.RECIPES / "curl.md").read_text())

    told = shell.as_typed(steps, fetching, tmp_path)

    assert "log in again" in told.partition(" (401)")[0]
    assert told.count('"imageCount":0') == 1
    uploads = re.findall(r'"uploadImage":{"__typename":"(\w+)"', told)
    assert uploads == [
        "UploadImagePayload",
        "UnsupportedFormatError",
        "UploadImagePayload",
        "UploadImagePayload",
    ]
    stages = re.findall(r'"sequence":(\d),"stage":"(\w+)"', told)
    assert [" ".join(event) for event in stages] == [*STAGES, *STAGES[2:]]
    assert re.findall(r'"filename":"(.*?)"', told) == ["photo-3.jpg", "photo-2.jpg", "photo.jpg"]
    assert told.count('"hasNextPage"') == 2
    assert "short: 403\nfresh: 200" in told
    assert '"state":"COMPLETED","progress":1.0' in told
    assert "\n1,SKU1,http" in told
    assert '"revokedCount":1' in told
