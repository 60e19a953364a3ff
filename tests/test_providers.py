"""A provider that cannot be used stops the start with one line that names the variable."""

from __future__ import annotations

import pytest

import providers
from errors import ConfigurationError, StorageError
from settings import Settings
from tests import s3

pytestmark = pytest.mark.mongo

NOBODY = "http://127.0.0.1:9"


def settings(**variables):
    return Settings(jwt_secret="s" * 32, **{name.lower(): value for name, value in variables.items()})


@pytest.fixture(autouse=True)
def _nothing_of_amazons_around_us(monkeypatch, tmp_path):
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "PROFILE", "REGION"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))


async def refusal(database, **variables):
    with pytest.raises(ConfigurationError) as refused:
        await providers.open_storages(settings(**variables), database)
    return str(refused.value)


async def test_s3_is_opened_with_what_is_set(database, moto):
    storages = await providers.open_storages(settings(STORAGE="s3", **moto.settings()), database)

    assert storages.current.kind == "s3"
    await storages.close()


@pytest.mark.parametrize("missing", ["S3_BUCKET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
async def test_a_setting_that_s3_lacks_is_named(database, missing):
    given = s3.Server(NOBODY).settings()
    del given[missing]

    assert (await refusal(database, STORAGE="s3", **given)).startswith(f"{missing}: found nothing, wanted")


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ({"S3_BUCKET": "not-there"}, "S3_BUCKET: found 'not-there', wanted a bucket that is there"),
        ({"AWS_ACCESS_KEY_ID": "nobody"}, "AWS_ACCESS_KEY_ID: found nobody who may use"),
        ({"AWS_SECRET_ACCESS_KEY": "guessed"}, "AWS_SECRET_ACCESS_KEY: found one that is not that of"),
        ({"AWS_REGION": "eu-west-9"}, "AWS_REGION: found 'eu-west-9', wanted that of the bucket"),
        ({"AWS_ENDPOINT_URL_S3": NOBODY}, f"AWS_ENDPOINT_URL_S3: found {NOBODY}, wanted an S3"),
    ],
)
async def test_what_is_wrong_about_s3_is_named(database, versitygw, wrong, line):
    said = await refusal(database, STORAGE="s3", **{**versitygw.settings(), **wrong})

    assert said.startswith(line)
    assert "\n" not in said
    assert "guessed" not in said


async def test_nobody_to_be_at_s3_is_named(database):
    said = await refusal(database, STORAGE="s3", S3_BUCKET="pictures", AWS_ENDPOINT_URL_S3=NOBODY)

    assert said.startswith("AWS_ACCESS_KEY_ID: found nobody who may use the bucket 'pictures'")


@pytest.mark.parametrize(("half", "is_set_up"), [({}, True), ({"aws_secret_access_key": None}, False)])
async def test_older_images_are_found_in_s3_if_it_is_set_up(database, moto, half, is_set_up):
    storages = await providers.open_storages(settings(**moto.settings()).model_copy(update=half), database)

    assert [storage.kind for storage in storages if storage.kind == "s3"] == ["s3"] * is_set_up
    if not is_set_up:
        with pytest.raises(StorageError, match="'s3' is not configured here"):
            storages.of("s3")
    await storages.close()
