"""What ends an upload before all files are through, and which files there are."""

from __future__ import annotations

import json
import os
from contextlib import asynccontextmanager

import pytest

from cli.account import Account
from cli.images import choosing, uploading
from cli.images.uploading import Plan
from client import Darkroom, RefusedError, UnreachableError
from client.generated import UploadImageUploadImageUploadImagePayload as Payload

IMAGE = {
    "id": "SW1hZ2U6NjY4", "filename": "a.jpg", "caption": None, "tags": [], "state": "PROCESSING", "failure": None,
    "mediaType": "image/jpeg", "sizeBytes": 9, "widthPx": 3, "heightPx": 3, "checksumSha256": "", "url": "",
    "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z", "placeholder": None, "variants": [],
}  # fmt: skip
UPLOADED = {"__typename": "UploadImagePayload", "duplicate": False, "image": IMAGE}


class Failing(Account):
    """At a service that takes so many files, and then fails."""

    takes = 1
    error: Exception = UnreachableError("Connection refused")

    @asynccontextmanager
    async def opened(self):
        taken = []

        class Service(Darkroom):
            async def describe(self):
                return None

            async def take_in(_, file, **how):  # noqa: N805 - the account is `self`
                if len(taken) == self.takes:
                    raise self.error
                taken.append(file)
                return Payload.model_validate(UPLOADED)

        async with Service(self.url) as service:
            yield service


@pytest.fixture
def upload(tmp_path, capfd):
    """Uploads three files: the exit status, and what is said on both streams."""
    for name in "abc":
        (tmp_path / f"{name}.jpg").touch()

    def run(**service):
        account = Failing("http://service.test", "a token", None, None)
        for name, value in service.items():
            object.__setattr__(account, name, value)
        plan = Plan(choosing.chosen([tmp_path]), tags=[], parallel=1, watch=False)
        status = uploading.run(account, plan, as_json=True)
        return status, *capfd.readouterr()

    return run


def test_a_service_that_goes_away_ends_the_upload_and_what_was_not_sent_is_counted(upload):
    status, out, err = upload()

    outcome = json.loads(out)
    assert status == 1
    assert (outcome["uploaded"], outcome["failed"], outcome["unsent"]) == (1, 0, 2)
    assert err == "darkroom: http://service.test does not answer (Connection refused)\n"


@pytest.mark.parametrize(
    "error",
    [
        UnreachableError("gone"),
        RefusedError("over", "UNAUTHENTICATED"),
        RefusedError("tag", "InvalidInputError"),
    ],
)
def test_what_would_be_said_of_every_file_ends_it_at_the_first(upload, error):
    assert upload(takes=0, error=error)[:2] == (2, "")


def test_what_is_said_of_one_file_does_not_end_it(upload):
    status, out, err = upload(error=RefusedError("It is damaged.", "CorruptImageError"))

    assert (status, json.loads(out)["failed"], json.loads(out)["unsent"]) == (1, 2, 0)
    assert err.count("It is damaged.") == 2


def test_files_are_found_in_order_once_and_not_where_they_are_hidden(tmp_path):
    for name in ("b/z.png", "b/a.webp", "a.AVIF", ".c/x.jpg", "b/.x.jpg", "b/x.txt", "named.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    files = choosing.chosen([tmp_path / "named.txt", tmp_path, tmp_path / "b"]).files

    assert [str(file.relative_to(tmp_path)) for file in files] == [
        "named.txt",
        "a.AVIF",
        "b/a.webp",
        "b/z.png",
    ]


def test_a_folder_that_cannot_be_read_is_a_failure_and_not_passed_over(tmp_path, monkeypatch, upload):
    scandir = os.scandir
    (tmp_path / "shut").mkdir()

    def refusing(path):
        if os.fspath(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    status, out, err = upload(takes=3)

    assert (status, json.loads(out)["uploaded"], json.loads(out)["failed"]) == (1, 3, 1)
    assert f"{tmp_path}/shut: Permission denied" in err
