"""Manifests as an enemy writes them: each is answered with codes and lines, and nobody else notices."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from tests.acceptance import batches
from tests.acceptance.batches import HEADER
from tests.client import Person
from tests.hostile.oracle import Footprint, says_nothing_of_the_inside, unharmed
from tests.service import Service

pytestmark = pytest.mark.mongo

URL = "https://cdn.test/a.jpg"
ROW = f"1,Lamp,{URL}"
MIB = 2**20
MOST_BYTES = 150 * MIB


def text(*rows: str, end: str = "\r\n", header: str = HEADER) -> str:
    return end.join([header, *rows])


def workbook() -> bytes:
    """A zip that says that it is one of Excel's."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return written.getvalue()


def url_of(path: str) -> bytes:
    return text(f"1,Lamp,{path}").encode()


SOUND = "CheckManifestPayload"
FOREIGN = "UnsupportedFormatError"
NOTHING: list[str] = []
TABLE = {
    "c1 UTF-8 with a mark": (text(ROW).encode("utf-8-sig"), NOTHING),
    "c1 UTF-16 with a mark": (text(ROW).encode("utf-16"), NOTHING),
    "c1 UTF-16 without a mark": (text(ROW).encode("utf-16-le"), ["NUL_CHARACTER"]),
    "c1 Latin-1": (text(f"1,Stühle,{URL}").encode("latin-1"), ["INVALID_ENCODING"]),
    "c1 half a letter at the end": (text(ROW).encode() + b"\xe2\x82", ["INVALID_ENCODING"]),
    "c2 lone carriage returns": (text(ROW, ROW.replace("1", "2", 1), end="\r").encode(), NOTHING),
    "c2 every line end": (f"{HEADER}\r\n{ROW}\r2,Lamp,{URL}\n3,Lamp,{URL}".encode(), NOTHING),
    "c5 a quotation mark that never closes": (text(f'1,"Lamp,{URL}', ROW).encode(), ["UNTERMINATED_QUOTE"]),
    "c6 quotation marks inside": (text(f'1,"a 12"" lamp",{URL}', f'2,12" lamp,{URL}').encode(), NOTHING),
    "c6 text behind a quotation mark": (
        text(f'1,"Lamp"x,{URL}', f"2,Lamp,{URL}").encode(),
        ["MISPLACED_QUOTE"],
    ),
    "c7 NUL": (text(f"1,La\0mp,{URL}", f"2,Lamp,{URL}").encode(), ["NUL_CHARACTER"]),
    "c8 a missing column": (text("1,Lamp", header="S. No.,Product Name").encode(), ["MISSING_COLUMN"]),
    "c8 a column twice": (text(f"1,2,Lamp,{URL}", header=f"S. No.,{HEADER}").encode(), ["DUPLICATE_COLUMN"]),
    "c8 a column too many": (text(f"{ROW},x", header=f"{HEADER},Colour").encode(), ["W_UNKNOWN_COLUMN"]),
    "c9 nothing": (b"", ["EMPTY_FILE"]),
    "c9 blank lines": (b"\r\n" * 1_000, ["EMPTY_FILE"]),
    "c9 a header alone": (f"{HEADER}\r\n".encode(), ["NO_ROWS"]),
    "c10 ten thousand columns": (
        text(ROW, header=HEADER + "".join(f",c{n}" for n in range(10_000))).encode(),
        ["TOO_MANY_COLUMNS"],
    ),
    "c13 a declared delimiter": (f"sep=;\r\n{text(ROW).replace(',', ';')}".encode(), NOTHING),
    "c14 gzip": (gzip.compress(text(ROW).encode()), FOREIGN),
    "c14 a workbook": (workbook(), FOREIGN),
    "c14 a PDF": (b"%PDF-1.7\n" + bytes(100), ["MISSING_COLUMN"]),
    "c15 spaces": (url_of("https://cdn.test/a b.jpg"), ["INVALID_URL"]),
    "c15 letters of other scripts": (url_of("https://cdn.test/стул.jpg"), NOTHING),
    "c15 a name in other letters": (url_of("https://bücher.test/a.jpg"), NOTHING),
    "c15 32 kB": (url_of(f"https://cdn.test/{'x' * 32_000}"), ["URL_TOO_LONG"]),
    "c15 no address": (url_of("javascript:alert(1)"), ["NOT_A_URL"]),
    "c15 a user": (url_of("https://me:secret@cdn.test/a.jpg"), ["URL_WITH_CREDENTIALS"]),
    "c15 a file of ours": (url_of("file:///etc/passwd"), ["NOT_A_URL"]),
}


@pytest.mark.parametrize("about", TABLE)
async def test_c1_to_c15_a_manifest_is_answered_with_codes_and_lines(service, ann, about):
    content, expected = TABLE[about]

    answer = await batches.check(ann, content)

    assert says_nothing_of_the_inside(str(answer))
    if expected == FOREIGN:
        assert answer["__typename"] == FOREIGN
    else:
        assert answer["__typename"] == SOUND
        assert sorted({problem["code"] for problem in answer["problems"]}) == sorted(expected)
        assert all(problem["line"] >= 1 and problem["hint"] for problem in answer["problems"])


async def one_field_of(size_bytes):
    yield f"{HEADER}\r\n1,".encode()
    for _ in range(size_bytes // MIB):
        yield b"x" * MIB


async def rows(count):
    yield f"{HEADER}\r\n".encode()
    for first in range(0, count, 1_000):
        yield "".join(f"{n},Lamp,https://cdn.test/{n}\r\n" for n in range(first, first + 1_000)).encode()


async def test_c4_a_field_of_95_megabytes_is_refused_by_its_line_and_held_by_nobody(service, ann):
    async with unharmed(service):
        answer = await batches.check(ann, one_field_of(95_000_000))

    assert [(problem["line"], problem["code"]) for problem in answer["problems"]] == [(2, "ROW_TOO_LONG")]
    assert Footprint.of(service.processes["serve"].pid).memory_bytes < 2 * MOST_BYTES


async def test_c3_more_rows_than_may_be_are_refused_without_reading_them_all(service, ann):
    async with unharmed(service):
        answer = await batches.check(ann, rows(200_000))

    assert [problem["code"] for problem in answer["problems"]] == ["TOO_MANY_ROWS"]


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_c3_a_million_rows_are_read_in_little_memory(mongo_uri, xdist_worker, tmp_path):
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": f"million_{xdist_worker}"}
    larger = {"MAX_MANIFEST_BYTES": "100000000", "MAX_MANIFEST_IMAGES": "1000000"}
    with Service(tmp_path, workers=0, **settings, **larger) as service:
        async with Person.signed_up(service.url) as person:
            await batches.check(person, text(ROW).encode())
            before = Footprint.of(service.processes["serve"].pid)
            answer = await batches.check(person, rows(1_000_000))
            after = Footprint.of(service.processes["serve"].pid)

    assert (answer["rowCount"], answer["problems"]) == (1_000_000, [])
    assert after.memory_bytes - before.memory_bytes < MOST_BYTES
