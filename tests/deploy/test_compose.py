"""`compose.yaml` fits the service and the image that it starts."""

from __future__ import annotations

import re
from ipaddress import ip_network

import pytest

from server import KEEP_ALIVE_SECONDS
from settings import Settings
from stopping import RESERVE_SECONDS
from tests.deploy.manifests import DEPLOY, PINNED, ROOT, read, variables

COMPOSE = read("compose.yaml")
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "darkroom:local"}
STAYING = {name: service for name, service in SERVICES.items() if service["restart"] != "no"}
WRITES_TO_ITS_IMAGE = {"kafka"}
NGINX = (DEPLOY / "compose/nginx.conf").read_text()
MIB = 2**20


def test_two_apis_and_two_workers_are_ours():
    started = {name: (service["command"], service["deploy"]["replicas"]) for name, service in OURS.items()}

    assert started == {"api": (["serve"], 2), "worker": (["worker"], 2)}


@pytest.mark.parametrize("name", OURS)
def test_each_variable_is_a_setting(name):
    assert set(OURS[name]["environment"]) <= variables()


@pytest.mark.parametrize("name", OURS)
def test_each_part_that_is_named_in_an_address_is_there(name):
    hosts = re.findall(r"//([a-z0-9]+):\d+", " ".join(OURS[name]["environment"].values()))
    brokers = OURS[name]["environment"]["KAFKA_BOOTSTRAP_SERVERS"].split(":")[0]

    assert {*hosts, brokers} - {"localhost"} <= set(SERVICES)
    assert set(OURS[name]["depends_on"]) <= set(SERVICES)


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_is_pinned_to_a_release_or_built_here(name):
    service = SERVICES[name]

    assert PINNED.fullmatch(service["image"]) or service["build"] == "."


@pytest.mark.parametrize("name", STAYING)
def test_nobody_is_root_and_nobody_may_become_it(name):
    service = STAYING[name]

    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.get("read_only") or name in WRITES_TO_ITS_IMAGE
    assert not str(service.get("user", "the image's own")).startswith("0")


@pytest.mark.parametrize("name", sorted(STAYING.keys() - {"prometheus", "grafana"}))
def test_each_says_whether_it_is_well(name):
    assert STAYING[name]["healthcheck"]["test"][0] == "CMD"


def test_a_stop_may_take_as_long_as_the_service_takes():
    for service in OURS.values():
        grace = int(service["environment"]["SHUTDOWN_GRACE_SECONDS"]) + RESERVE_SECONDS
        assert service["stop_grace_period"] == f"{grace:.0f}s"


def test_a_worker_is_asked_where_it_answers():
    worker = OURS["worker"]

    assert f":{worker['environment']['WORKER_METRICS_PORT']}/healthz" in worker["healthcheck"]["test"][-1]
    assert f":{Settings.model_fields['port'].default}/readyz" in OURS["api"]["healthcheck"]["test"][-1]


def test_only_the_proxys_network_is_believed():
    (subnet,) = COMPOSE["networks"]["inside"]["ipam"]["config"]

    assert ip_network(subnet["subnet"]) == ip_network(OURS["api"]["environment"]["TRUSTED_PROXIES"])


def test_ports_are_open_to_this_machine_alone():
    opened = [port for service in SERVICES.values() for port in service.get("ports", [])]

    assert opened
    assert all(port.startswith("127.0.0.1:") for port in opened)


def test_what_is_mounted_is_there():
    mounted = [each for service in SERVICES.values() for each in service.get("volumes", [])]

    for volume in mounted:
        source = volume.partition(":")[0]
        assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]


def test_the_proxy_takes_what_the_service_takes_and_holds_nothing_back():
    most = int(re.search(r"client_max_body_size (\d+)m;", NGINX).group(1))

    assert most * MIB == Settings.model_fields["max_request_bytes"].default
    assert {"proxy_request_buffering off;", "proxy_buffering off;"} <= set(
        re.findall(r"proxy_\w+ff\w+ off;", NGINX)
    )
    assert "proxy_set_header Upgrade $http_upgrade;" in NGINX
    assert not re.search("ip_hash|sticky|hash ", NGINX)


def test_the_proxy_hangs_up_before_the_service_does():
    kept_seconds = int(re.search(r"keepalive_timeout (\d+)s;", NGINX).group(1))

    assert kept_seconds < KEEP_ALIVE_SECONDS


def test_metrics_stay_inside():
    assert re.search(r"location = /metrics \{ return 404; \}", NGINX)
