"""`darkroom doctor` says of each part what is true of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NOBODY = "mongodb://me:secret@127.0.0.1:9/"


@pytest.fixture
def doctor(tmp_path):
    def examine(*arguments, **settings):
        environment = {"PATH": os.environ["PATH"], "COLUMNS": "200", "DATA_DIR": str(tmp_path), **settings}
        command = [sys.executable, "-m", "cli", "doctor", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    return examine


def findings(answer):
    return {found["part"]: (found["ok"], found["detail"]) for found in json.loads(answer[1])}


@pytest.mark.mongo
def test_gridfs_lies_in_a_mongodb_that_is_named_without_its_password(doctor, mongo_uri):
    found = findings(doctor("--json", MONGODB_URI=mongo_uri.replace("mongodb://", "mongodb://me:secret@")))
    named = findings(doctor("--json", MONGODB_URI=mongo_uri, MONGODB_DATABASE="pictures"))

    ok, detail = named["storage"]
    assert ok
    assert detail.startswith("gridfs: in 127.0.0.1:")
    assert detail.endswith("database 'pictures'")
    assert "secret" not in str(found)


def test_what_lies_in_a_mongodb_that_does_not_answer_is_unknown_and_not_wrong(doctor):
    status, text = doctor("--json", MONGODB_URI=NOBODY)

    found = findings((status, text))
    assert status == 1
    assert found["mongodb"][0] is False
    assert [found[part][0] for part in ("storage", "queue")] == [None, None]
    assert "secret" not in text


def test_a_kafka_that_does_not_answer_is_wrong(doctor):
    found = findings(doctor("--json", QUEUE="kafka", KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:9"))

    ok, detail = found["queue"]
    assert ok is False
    assert detail.startswith("kafka: KAFKA_BOOTSTRAP_SERVERS: found 127.0.0.1:9, where no Kafka answers")


@pytest.mark.kafka
def test_a_kafka_that_answers_is_right(doctor, kafka):
    found = findings(doctor("--json", **kafka.settings("doctor")))

    assert found["queue"] == (True, "kafka: answers")


def test_a_folder_is_looked_at_and_not_made(doctor, tmp_path):
    before = findings(doctor("--json", STORAGE="filesystem"))
    assert not (tmp_path / "files").exists()
    (tmp_path / "files").mkdir()
    after = findings(doctor("--json", STORAGE="filesystem"))

    assert before["storage"] == (True, f"filesystem: {tmp_path}/files is made at the start")
    assert after["storage"] == (True, f"filesystem: {tmp_path}/files is writable")


@pytest.mark.parametrize("data_dir", [".", "files/below"])
def test_a_folder_that_cannot_be_is_wrong(doctor, tmp_path, data_dir):
    (tmp_path / "files").touch()
    production = {"ENVIRONMENT": "production", "JWT_SECRET": "s" * 32, "DATA_DIR": str(tmp_path / data_dir)}

    found = findings(doctor("--json", STORAGE="filesystem", **production))

    assert found["storage"][0] is False


def test_the_table_has_a_word_for_each_finding(doctor):
    status, text = doctor(MONGODB_URI=NOBODY, STORAGE="filesystem")

    marks = {line.split()[1]: line.split()[0] for line in text.splitlines() if line.strip()}
    assert status == 1
    assert [marks[part] for part in ("mongodb", "storage", "queue")] == ["wrong", "ok", "unknown"]


@pytest.mark.parametrize(
    ("manifest", "ok", "said"),
    [
        ('{"who": "{ viewer { email } }"}', True, "only those in "),
        ('{"who": "{ nobody }"}', False, "TRUSTED_DOCUMENTS: found the document 'who' that cannot run"),
        (None, False, "TRUSTED_DOCUMENTS: found "),
    ],
)
def test_a_manifest_is_read_as_the_api_reads_it(doctor, tmp_path, manifest, ok, said):
    path = tmp_path / "manifest.json"
    if manifest:
        path.write_text(manifest)

    found = findings(doctor("--json", STORAGE="filesystem", TRUSTED_DOCUMENTS=str(path)))

    assert found["documents"][0] is ok
    assert found["documents"][1].startswith(said)
    assert "documents" not in findings(doctor("--json", STORAGE="filesystem"))
