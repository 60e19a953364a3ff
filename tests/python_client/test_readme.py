"""What the README shows of the client is run as it stands there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests import pictures
from tests.client import PASSWORD, SIGN_UP, Client

pytestmark = pytest.mark.mongo
README = (Path(__file__).parent.parent.parent / "README.md").read_text()
(SHOWN,) = re.findall(r"```python\n(from client import.*?)```", README, re.DOTALL)


async def test_the_example_does_what_it_says(service, tmp_path, monkeypatch, capsys):
    (tmp_path / "photo.jpg").write_bytes(pictures.photo(seed=7))
    monkeypatch.chdir(tmp_path)
    async with Client(service.url) as anybody:
        await anybody.data(SIGN_UP, input={"email": "ann@example.com", "password": PASSWORD})

    code = compile(
        SHOWN.replace("http://127.0.0.1:8000", service.url), "README", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    )
    await eval(code, {})  # noqa: S307 - it is ours

    lines = capsys.readouterr().out.splitlines()
    assert lines[-2].startswith("READY ['http")
    assert lines[-1] == "photo.jpg READY"
