"""What `docs/moving-over.md` says: a command that it shows does so, and settings are read under the names that others have."""

from __future__ import annotations

import re
import shlex

import pytest
from gridfs.asynchronous.grid_file import AsyncGridFSBucket

from models.image import Image
from tests import pictures, shell
from tests.adopting.conftest import outcome
from tests.service import ROOT

PAGE = (ROOT / "docs/moving-over.md").read_text()
SHOWN = [shlex.split(step.replace("\\\n", " ")) for step in shell.steps(PAGE)]
(OWNERS,) = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)

pytestmark = pytest.mark.mongo


async def test_a_bucket_moves_over_as_it_says(darkroom, database, mongo_uri, ann, tmp_path):
    (tmp_path / "owners.csv").write_text(OWNERS)
    (words,) = (words[2:] for words in SHOWN if words[1:3] == ["adopt", "gridfs"])
    said = dict(zip(words[1::2], words[2::2], strict=True))
    old = database.client[f"{database.name}_uploads"]
    await database.client.drop_database(old.name)
    metadata = {"userId": OWNERS.partition(",")[0], "tags": ["beach"]}
    bucket = AsyncGridFSBucket(old, said["--bucket"])
    await bucket.upload_from_stream("sea.jpg", pictures.jpeg(seed=31), metadata=metadata)
    here = {
        said["--uri"]: mongo_uri,
        said["--database"]: old.name,
        "owners.csv": str(tmp_path / "owners.csv"),
    }

    answer = await darkroom(*[here.get(word, word) for word in words], "--json")

    await database.client.drop_database(old.name)
    assert outcome(answer) == (0, {"adopted": 1})
    (image,) = await Image.find(Image.owner_id == ann.id).to_list()
    assert (image.filename, image.tags) == ("sea.jpg", ["beach"])


def test_the_settings_that_go_on_working_are_read():
    (told,) = re.findall(r"goes on working: (.*?) are read", PAGE)

    assert [name for name in re.findall(r"`(\w+)`", told) if name not in shell.settings()] == []
