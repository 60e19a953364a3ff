import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from errors import ConfigurationError
from settings import Settings

SECRET = "a secret of more than thirty-two bytes"


@pytest.fixture(autouse=True)
def bare_environment(tmp_path, monkeypatch):
    """No variable of ours, no `.env`, and a folder of its own for what is made."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("MONGODB_URL", raising=False)
    monkeypatch.chdir(tmp_path)


def refusal() -> str:
    with pytest.raises(ConfigurationError) as caught:
        Settings.load()
    return str(caught.value)


def test_without_any_setting_it_starts_on_this_machine_only():
    settings = Settings.load()

    assert settings.host == "127.0.0.1"
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.data_dir == Path(".data")
    assert settings.mongodb_uri is None
    assert settings.introspection


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.7", "http://192.0.2.7:9000"),
        ("0.0.0.0", "http://127.0.0.1:9000"),  # noqa: S104 - a setting, nothing is bound
        ("::1", "http://[::1]:9000"),
    ],
)
def test_the_public_address_follows_host_and_port(monkeypatch, host, address):
    monkeypatch.setenv("HOST", host)
    monkeypatch.setenv("PORT", "9000")

    assert Settings.load().public_url == address


@pytest.mark.parametrize("name", ["MONGODB_URI", "MONGODB_URL"])
def test_mongodb_is_read_under_both_its_names(monkeypatch, name):
    monkeypatch.setenv(name, "mongodb://db/?replicaSet=rs0")

    assert Settings.load().database_uri == "mongodb://db/?replicaSet=rs0"


def test_kafka_is_read_under_the_names_of_confluent_cloud_too(monkeypatch):
    monkeypatch.setenv("CONFLUENT_CLOUD_BOOTSTRAP_SERVERS", "SASL_SSL://a.example:9092, b.example:9093")
    monkeypatch.setenv("CONFLUENT_CLOUD_API_KEY", "key")
    monkeypatch.setenv("CONFLUENT_CLOUD_API_SECRET", "shh")

    settings = Settings.load()

    assert settings.kafka_bootstrap_servers == ("a.example:9092", "b.example:9093")
    assert settings.kafka_sasl_username == "key"
    assert settings.kafka_sasl_password.get_secret_value() == "shh"
    assert "shh" not in repr(settings)


def test_a_service_without_mongodb_says_which_setting_it_wants():
    with pytest.raises(ConfigurationError, match=r"^MONGODB_URI: found nothing, wanted"):
        _ = Settings.load().database_uri


def test_the_file_env_is_read_and_the_environment_comes_first(monkeypatch):
    Path(".env").write_text("PORT=9001\nMAX_FRAMES=7\nSOMEBODY_ELSES=1\n")
    monkeypatch.setenv("PORT", "9002")

    settings = Settings.load()

    assert (settings.port, settings.max_frames) == (9002, 7)


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch):
    monkeypatch.setenv("PORT", "")

    assert Settings.load().port == 8000


def test_origins_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://a.example, http://b.example:3000/ ,")

    assert Settings.load().allowed_origins == ("https://a.example", "http://b.example:3000")


def test_proxies_are_addresses_or_networks_separated_by_commas(monkeypatch):
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.1, 192.168.0.0/16,::1 ,")

    assert Settings.load().trusted_proxies == ("10.0.0.1/32", "192.168.0.0/16", "::1/128")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("PORT", "eighty"),
        ("PORT", "65536"),
        ("ENVIRONMENT", "staging"),
        ("STORAGE", "floppy"),
        ("QUEUE", "paper"),
        ("KAFKA_BOOTSTRAP_SERVERS", "kafka.example"),
        ("KAFKA_TOPIC_PREFIX", "dark room"),
        ("KAFKA_PARTITIONS", "0"),
        ("PUBLIC_URL", "pictures.example"),
        ("MONGODB_DATABASE", "dark room"),
        ("MAX_FILE_SIZE_BYTES", "2147483648"),
        ("MAX_PIXELS", "0"),
        ("URL_TTL_SECONDS", "604801"),
        ("REFRESH_TOKEN_TTL_SECONDS", "7199"),  # less than an access token's
        ("WORKER_CONCURRENCY", "0"),
        ("INTROSPECTION", "perhaps"),
        ("ALLOWED_ORIGINS", "gallery.example"),
        ("TRUSTED_PROXIES", "10.0.0.1, proxy.example"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
    ],
)
def test_a_wrong_value_is_one_line_with_its_name_what_was_found_and_what_is_wanted(monkeypatch, name, found):
    monkeypatch.setenv(name, found)

    line = refusal()

    assert line.startswith(f"{name}: found ")
    assert found in line
    assert ", wanted " in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("name", "found"), [("JWT_SECRET", "too short"), ("MONGODB_URL", "postgres://me:pass@db")]
)
def test_what_is_secret_is_not_shown(monkeypatch, name, found):
    monkeypatch.setenv(name, found)

    assert found not in refusal()


def test_secrets_are_not_in_the_representation(monkeypatch):
    monkeypatch.setenv("JWT_SECRET", SECRET)
    monkeypatch.setenv("MONGODB_URI", "mongodb://me:pass@db")

    shown = repr(Settings.load())

    assert SECRET not in shown
    assert "me:pass" not in shown


def test_an_env_file_that_is_no_text_is_one_line():
    Path(".env").write_bytes(b"\xff\xfe\x00")

    assert refusal().startswith(".env: found ")


def test_production_refuses_to_start_without_a_secret(monkeypatch):
    monkeypatch.setenv("ENVIRONMENT", "production")

    assert refusal().startswith("JWT_SECRET: found nothing, wanted ")
    assert not Path(".data").exists()


def test_production_hides_the_schema(monkeypatch):
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("JWT_SECRET", SECRET)

    assert not Settings.load().introspection


def test_development_makes_a_secret_that_only_its_owner_reads():
    secret = Settings.load().jwt_secret.get_secret_value()

    kept = Path(".data/jwt_secret")
    assert kept.read_text() == secret
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert len(secret.encode()) >= 32


def test_processes_that_start_together_get_the_same_secret():
    with ThreadPoolExecutor(16) as pool:
        loaded = list(pool.map(lambda _: Settings.load().jwt_secret.get_secret_value(), range(64)))

    assert len(set(loaded)) == 1
    assert os.listdir(".data") == ["jwt_secret"]  # noqa: PTH208 - names are what is compared


def test_a_kept_secret_that_was_cut_short_is_refused():
    Path(".data").mkdir()
    Path(".data/jwt_secret").write_text("cut")

    assert refusal().startswith("JWT_SECRET: found a value that is not shown, wanted ")


def test_a_folder_that_cannot_be_made_is_one_line(monkeypatch):
    Path("file").touch()
    monkeypatch.setenv("DATA_DIR", "file/data")

    assert refusal().startswith("DATA_DIR: found ")


def test_every_setting_is_described():
    undescribed = [name for name, field in Settings.model_fields.items() if not field.description]

    assert undescribed == []
