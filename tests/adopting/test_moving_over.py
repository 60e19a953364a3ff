"""The commands that `docs/moving-over.md` shows are ones that the command line takes, and they do what it says."""

from __future__ import annotations

import re
import shlex

import pytest
import typer
from gridfs.asynchronous.grid_file import AsyncGridFSBucket

from cli import commands
from models.image import Image
from settings import Settings
from tests import pictures, shell
from tests.adopting.conftest import outcome
from tests.service import ROOT

PAGE = (ROOT / "docs/moving-over.md").read_text()
SHOWN = [shlex.split(step.replace("\\\n", " ")) for step in shell.steps(PAGE)]
(OWNERS,) = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)

pytestmark = pytest.mark.mongo


@pytest.fixture
def owners(tmp_path, monkeypatch):
    (tmp_path / "owners.csv").write_text(OWNERS)
    (tmp_path / "goods.csv").write_text("S. No.,Product Name,Input Image Urls\n")
    monkeypatch.chdir(tmp_path)
    return str(tmp_path / "owners.csv")


def parsed(words):
    """The innermost command's options, read and not run."""
    command, context = typer.main.get_command(commands), None
    while True:
        context = command.make_context(words[0], words[1:], parent=context)
        if not hasattr(command, "commands"):
            return context.params
        words = [*context._protected_args, *context.args]
        command = command.commands[words[0]]


@pytest.mark.parametrize("words", SHOWN, ids=lambda words: " ".join(words)[:40])
def test_a_command_is_one_that_the_command_line_takes(words, owners):
    assignments = [word for word in words if re.match(r"[A-Z_]+=", word)]
    assert [
        name for a in assignments if (name := a.partition("=")[0].lower()) not in Settings.model_fields
    ] == []

    assert words[len(assignments)] == "darkroom"
    assert parsed(words[len(assignments) :])


async def test_a_bucket_moves_over_as_it_says(darkroom, database, mongo_uri, ann, owners):
    (words,) = (words[2:] for words in SHOWN if words[1:3] == ["adopt", "gridfs"])
    said = dict(zip(words[1::2], words[2::2], strict=True))
    old = database.client[f"{database.name}_uploads"]
    await database.client.drop_database(old.name)
    metadata = {"userId": OWNERS.partition(",")[0], "tags": ["beach"]}
    bucket = AsyncGridFSBucket(old, said["--bucket"])
    await bucket.upload_from_stream("sea.jpg", pictures.jpeg(seed=31), metadata=metadata)
    here = {said["--uri"]: mongo_uri, said["--database"]: old.name, "owners.csv": owners}

    answer = await darkroom(*[here.get(word, word) for word in words], "--json")

    await database.client.drop_database(old.name)
    assert outcome(answer) == (0, {"adopted": 1})
    (image,) = await Image.find(Image.owner_id == ann.id).to_list()
    assert (image.filename, image.tags) == ("sea.jpg", ["beach"])


def test_the_settings_that_go_on_working_are_read():
    (told,) = re.findall(r"goes on working: (.*?) are read", PAGE)
    read = set(Settings.model_fields)
    for field in Settings.model_fields.values():
        read |= {str(choice).lower() for choice in getattr(field.validation_alias, "choices", ())}

    assert [name for name in re.findall(r"`(\w+)`", told) if name.lower() not in read] == []
