"""Bodies that are no GraphQL multipart request, to any mutation that has a variable `$file: Upload!`."""

from __future__ import annotations

import json

from tests.engine.wire import form, part

MAP = b'{"f": ["variables.file"]}'
FILE = part("f", b"content", "a.jpg")


def operations(query: str) -> bytes:
    """The field of that name."""
    return json.dumps({"query": query, "variables": {"file": None}}).encode()


def whole(given: bytes, mapping: bytes = MAP, *files: bytes) -> bytes:
    """A body of these fields, with a file."""
    return form(part("operations", given), part("map", mapping), *(files or (FILE,)))


OPERATIONS_OF_WRONG_SHAPE = {
    "text": b"x", "nothing": b"", "number": b"1", "string": b'"x"', "null": b"null", "true": b"true", "list": b"[]",
    "batch": b'[{"query": "{hello}"}]', "deep": b"[" * 100_000, "huge number": b"9" * 100_000, "not utf-8": b'{"query": "\xff"}',
    "no query": b"{}", "query a number": b'{"query": 1, "variables": {"file": null}}', "variables a list": b'{"query": "{hello}", "variables": []}',
    "variables missing": b'{"query": "{hello}"}', "variables null": b'{"query": "{hello}", "variables": null}',
    "operationName an object": b'{"query": "{hello}", "operationName": {}, "variables": {"file": null}}',
}  # fmt: skip
MAPS_OF_WRONG_SHAPE = {
    "text": b"x", "nothing": b"", "list": b"[]", "null": b"null", "number": b"1", "string": b'"x"', "deep": b'{"f":' * 30_000,
    "value a number": b'{"f": 1}', "value null": b'{"f": null}', "value a string": b'{"f": "variables.file"}',
    "value empty": b'{"f": []}', "value an object": b'{"f": {}}', "path a number": b'{"f": [1]}', "path null": b'{"f": [null]}',
}  # fmt: skip
PATHS_TO_NOWHERE = [
    "", "variables", "variables.", "query", "operationName", "extensions", "extensions.x", ".variables.file", "file",
    "variables.nothing", "variables.file.x", "variables.text", "variables.text.0", "variables.__class__", "variables.__proto__.x",
    "variables.list", "variables.list.-1", "variables.list.1", "variables.list.99", "variables.list.abc", "variables.list.1e9",
    "variables.list.00", "variables.list.+0", "variables.list. 0", "variables.list.\u0660", "variables.list.0.x",
    "variables.list." + "9" * 5_000, "variables.list.append", "variables.object", "variables.number", "variables" + ".x" * 20_000,
]  # fmt: skip


def damaged(given: bytes) -> dict[str, bytes]:
    """Bodies in which a part is missing, misplaced or broken."""
    asked, mapped = part("operations", given), part("map", MAP)
    return {
        "nothing": b"", "garbage": b"garbage", "no part": form(), "only a file": form(FILE), "the file first": form(FILE, asked, mapped),
        "map first": form(mapped, asked, FILE), "no map": form(asked, FILE), "only operations": form(asked), "only map": form(mapped),
        "operations a file": form(part("operations", given, "o.json"), mapped, FILE), "map a file": form(asked, part("map", MAP, "m.json"), FILE),
        "operations twice": form(asked, asked, mapped, FILE), "map twice and no file": form(asked, mapped, mapped),
        "another file": whole(given, MAP, part("other", b"x", "a.jpg")), "a file that is text": whole(given, MAP, part("f", b"a text part")),
        "no closing boundary": whole(given)[:-10], "cut in the last boundary": whole(given)[:-20], "cut in the file": whole(given)[:-25],
        "cut in a header": whole(given)[: whole(given).index(b"filename")], "a file without a name": whole(given).replace(b'name="f"', b""),
        "a name of a megabyte": whole(given, MAP, part("f" * 1_000_000, b"x", "a.jpg")),
        "a filename of a megabyte": whole(given, MAP, part("f", b"x", "a" * 1_000_000)), "line feeds alone": whole(given).replace(b"\r\n", b"\n"),
        "a header that never ends": form(asked, mapped)[:-9] + b"--XbX\r\nContent-Disposition: form-data" + b" " * 100_000,
    }  # fmt: skip
