"""`STORAGE=imagekit` with an access that is missing or wrong is one line that names the variable."""

from __future__ import annotations

import pytest

import providers
from errors import ConfigurationError
from settings import Settings
from storage.imagekit.adapter import ImageKitStorage

UNUSED = None


def settings(**access):
    return Settings(jwt_secret="s" * 32, storage="imagekit", **access)


def access(fake, **differences):
    return {name.lower(): value for name, value in {**fake.settings, **differences}.items()}


@pytest.mark.parametrize("missing", ["IMAGEKIT_PRIVATE_KEY", "IMAGEKIT_PUBLIC_KEY", "IMAGEKIT_URL_ENDPOINT"])
async def test_what_is_missing_is_named(fake, missing):
    given = access(fake)
    del given[missing.lower()]

    with pytest.raises(ConfigurationError, match=f"^{missing}: found nothing, wanted .*ImageKit.*$"):
        await providers.open_storages(settings(**given), UNUSED)
    assert not providers.PROVIDERS["imagekit"].is_set_up(settings(**given))


async def test_a_key_that_imagekit_does_not_know_is_one_line_without_the_key(fake):
    wrong = access(fake, IMAGEKIT_PRIVATE_KEY="private_of+somebody/else0000000000=")

    with pytest.raises(ConfigurationError) as refused:
        await providers.open_storages(settings(**wrong), UNUSED)

    assert str(refused.value) == (
        "IMAGEKIT_PRIVATE_KEY: found an ImageKit that does not serve us (ImageKit answered a check with 401)"
    )


async def test_a_key_that_can_be_none_of_imagekits_is_one_line_without_the_key(fake):
    with pytest.raises(
        ConfigurationError, match=r"^IMAGEKIT_PRIVATE_KEY: found characters beyond ASCII, .*$"
    ):
        await providers.open_storages(settings(**access(fake, IMAGEKIT_PRIVATE_KEY="private_…")), UNUSED)


async def test_what_is_set_is_opened(fake):
    storages = await providers.open_storages(settings(**access(fake)), UNUSED)

    assert isinstance(storages.current, ImageKitStorage)
    await storages.close()


async def test_what_is_older_may_be_at_imagekit_once_it_is_set_up(fake, tmp_path):
    folder = Settings(jwt_secret="s" * 32, storage="filesystem", data_dir=tmp_path, **access(fake))
    storages = await providers.open_storages(folder, UNUSED)

    assert storages.of("imagekit").kind == "imagekit"
    await storages.close()
