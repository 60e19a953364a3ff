"""Whatever `darkroom …` the documents and the help tell people to type is a command, with options that it has."""

from __future__ import annotations

import re
import shlex
from itertools import takewhile
from pathlib import Path
from unittest import mock

import pytest
import typer

import cli

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
SHELLS = {"", "bash", "sh", "shell", "console"}
ENDS = {"|", "||", "&&", ";", "&", ">", ">>", "<"}
FILE = re.compile(r"\w[\w-]*\.\w+")
SETTING = re.compile(r"[A-Z_][A-Z0-9_]*=")

DARKROOM = typer.main.get_command(cli.commands)


def typed(document):
    """The lines of a document that somebody may type."""
    for language, block in FENCED.findall(document):
        if language in SHELLS:
            yield from block.replace("\\\n", " ").splitlines()
    for text in INLINE.findall(FENCED.sub("", document)):
        if text.startswith(("darkroom ", ".venv/bin/darkroom ")) or SETTING.match(text):
            yield text


def commands_in(line):
    """The words behind each `darkroom` that a line runs, up to the end of its command."""
    if "darkroom" not in line:
        return
    try:
        spaced = shlex.shlex(line, posix=True, punctuation_chars="|&;<>()")
        spaced.whitespace_split = True
        words = list(spaced)
    except ValueError:  # a quotation that goes over several lines is another program's
        return
    for place, word in enumerate(words):
        before = words[:place]
        begins = all(
            SETTING.match(each) for each in takewhile(lambda each: each not in ENDS, reversed(before))
        )
        is_ours = word == "darkroom" or word.endswith("bin/darkroom")
        if is_ours and (begins or (words[place + 1 : place + 2] and words[place + 1] in DARKROOM.commands)):
            yield list(takewhile(lambda each: each not in ENDS, words[place + 1 :]))


DOCUMENTED = sorted(
    {
        (path.relative_to(ROOT).as_posix(), *words)
        for path in DOCUMENTS
        for line in typed(path.read_text())
        for words in commands_in(line)
    }
)


def leaves(command=DARKROOM, path=()):
    """Every command that does something, by its words."""
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, below in command.commands.items():
        yield from leaves(below, (*path, name))


LEAVES = dict(leaves())


@pytest.fixture
def check(tmp_path, monkeypatch):
    """Fails unless there is such a command that takes these options and arguments. It is read, and does nothing."""
    monkeypatch.chdir(tmp_path)

    def check_(words):
        command, rest = DARKROOM, list(words)
        while hasattr(command, "commands") and rest and not rest[0].startswith("-"):
            name = rest.pop(0)
            assert name in command.commands, f"there is no command {name}"
            command = command.commands[name]
        if hasattr(command, "commands") or not rest:
            return  # it is named, not typed
        for word in filter(FILE.fullmatch, rest):
            (tmp_path / word).touch()
        with mock.patch.object(command, "callback", return_value=None):
            DARKROOM.main(words, prog_name="darkroom", standalone_mode=False)

    return check_


@pytest.mark.parametrize("words", DOCUMENTED, ids=" ".join)
def test_a_documented_command_can_be_typed(check, words):
    check(words[1:])


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_a_command_shows_in_its_help_how_it_is_typed_and_that_can_be_typed(check, path):
    examples = LEAVES[path].help.partition("Examples:")[2].splitlines()
    shown = [words for line in examples for words in commands_in(line)]

    assert shown
    for words in shown:
        assert tuple(words[: len(path)]) == path
        check(words)


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_each_option_says_what_it_is_for_and_each_outcome_is_had_as_json(path):
    options = {option: each for each in LEAVES[path].params for option in each.opts}

    assert [name for name, each in options.items() if not getattr(each, "help", None)] == []
    assert "--json" in options or path in {("run",), ("serve",), ("worker",)}


def test_what_speaks_to_a_service_says_where_and_who_in_the_same_words():
    clients = [each for path, each in LEAVES.items() if path[0] in {"upload", "images", "batch"}]
    said = {
        tuple((*each.opts, each.envvar, each.help) for each in client.params if each.rich_help_panel)
        for client in clients
    }

    assert len(clients) == 6
    assert len(said) == 1
    assert [option for option, *_ in said.pop()] == ["--url", "--token", "--email", "--password"]


def test_the_test_finds_what_is_wrong(check):
    assert list(commands_in("A=1 darkroom run && darkroom batch submit x.csv | less")) == [
        ["run"],
        ["batch", "submit", "x.csv"],
    ]
    assert list(commands_in("docker build -t darkroom .")) == []
    for words in (
        ["fly"],
        ["upload", "a.jpg", "--wach"],
        ["images", "list", "--limit", "x"],
        ["upload", "--watch"],
    ):
        with pytest.raises(Exception, match=r"no command|wach|valid integer|Missing"):
            check(words)
