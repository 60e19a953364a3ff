"""The manifests for Kubernetes fit the service, the image and each other."""

from __future__ import annotations

import shutil
import subprocess

import pytest
import yaml

from settings import Settings
from stopping import RESERVE_SECONDS
from tests.deploy.manifests import DEPLOY, dotenv, image_user, kubernetes, read, variables

OBJECTS = kubernetes()
CONFIGURED = dotenv(DEPLOY / "kubernetes/base/settings.env")
SECRET = read("deploy/kubernetes/base/secret.example.yaml")
WORKLOADS = ["api", "worker"]
PROBES = ["startupProbe", "livenessProbe", "readinessProbe"]
MIB = 2**20
KUBECTL = shutil.which("kubectl")


def pod(name):
    return OBJECTS["Deployment", name]["spec"]["template"]


def container(name):
    (only,) = pod(name)["spec"]["containers"]
    return only


def own_variables(name):
    return {each["name"]: each["value"] for each in container(name).get("env", [])}


@pytest.mark.parametrize("name", WORKLOADS)
def test_each_variable_is_a_setting_and_comes_from_one_place(name):
    sources = [set(CONFIGURED), set(SECRET["stringData"]), set(own_variables(name))]

    assert set.union(*sources) <= variables()
    assert len(set.union(*sources)) == sum(map(len, sources))


@pytest.mark.parametrize("name", WORKLOADS)
def test_what_it_is_given_is_made_or_described_here(name):
    maps = {each["name"] for each in read("deploy/kubernetes/base/kustomization.yaml")["configMapGenerator"]}
    given = {kind: ref["name"] for each in container(name)["envFrom"] for kind, ref in each.items()}

    assert given == {"configMapRef": "darkroom", "secretRef": SECRET["metadata"]["name"]}
    assert given["configMapRef"] in maps


def test_no_secret_is_checked_in():
    assert set(SECRET["stringData"].values()) == {""}


@pytest.mark.parametrize("name", WORKLOADS)
@pytest.mark.parametrize("probe", PROBES)
def test_a_probe_asks_where_the_process_answers(name, probe):
    asked = container(name)[probe]["httpGet"]
    listening = {
        "api": Settings.model_fields["port"].default,
        "worker": int(own_variables(name).get("WORKER_METRICS_PORT", 0)),
    }
    ports = {each["name"]: each["containerPort"] for each in container(name)["ports"]}

    assert ports[asked["port"]] == listening[name]
    assert asked["path"] == ("/readyz" if probe == "readinessProbe" else "/healthz")


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_pod_is_restricted_and_runs_as_the_images_user(name):
    spec, locked = pod(name)["spec"], container(name)["securityContext"]

    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == image_user()
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert locked == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert spec["automountServiceAccountToken"] is False


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_stop_may_take_as_long_as_the_service_takes(name):
    before_the_stop = container(name).get("lifecycle", {}).get("preStop", {})
    waited_seconds = int(before_the_stop["exec"]["command"][-1]) if before_the_stop else 0

    grace = int(CONFIGURED["SHUTDOWN_GRACE_SECONDS"]) + RESERVE_SECONDS + waited_seconds
    assert pod(name)["spec"]["terminationGracePeriodSeconds"] == grace


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_budget_and_an_autoscaler_mean_the_pods_that_there_are(name):
    labels = pod(name)["metadata"]["labels"]
    budget = OBJECTS["PodDisruptionBudget", name]["spec"]
    autoscaler = OBJECTS["HorizontalPodAutoscaler", name]["spec"]

    assert OBJECTS["Deployment", name]["spec"]["selector"]["matchLabels"].items() <= labels.items()
    assert budget["selector"]["matchLabels"].items() <= labels.items()
    assert autoscaler["scaleTargetRef"]["name"] == name
    assert autoscaler["minReplicas"] >= 2
    assert "replicas" not in OBJECTS["Deployment", name]["spec"]
    assert "cpu" in container(name)["resources"]["requests"]


def test_requests_reach_the_api_and_may_be_as_large_as_it_takes():
    ingress, service = OBJECTS["Ingress", "darkroom"], OBJECTS["Service", "api"]["spec"]
    (rule,) = ingress["spec"]["rules"]
    said = {name.partition("/")[2]: value for name, value in ingress["metadata"]["annotations"].items()}

    (path,) = rule["http"]["paths"]
    assert path["backend"]["service"] == {"name": "api", "port": {"name": service["ports"][0]["name"]}}
    assert service["selector"].items() <= pod("api")["metadata"]["labels"].items()
    assert (
        int(said["proxy-body-size"].rstrip("m")) * MIB == Settings.model_fields["max_request_bytes"].default
    )
    assert (said["proxy-request-buffering"], said["proxy-buffering"]) == ("off", "off")
    assert CONFIGURED["PUBLIC_URL"] == f"https://{rule['host']}"


def test_workers_that_follow_the_queue_have_one_autoscaler():
    overlay = read("deploy/kubernetes/keda/kustomization.yaml")
    scaled = read("deploy/kubernetes/keda/worker.yaml")

    (patch,) = overlay["patches"]
    assert yaml.safe_load(patch["patch"])["$patch"] == "delete"
    assert patch["target"] == {
        "kind": "HorizontalPodAutoscaler",
        "name": scaled["spec"]["scaleTargetRef"]["name"],
    }


@pytest.mark.long
@pytest.mark.skipif(KUBECTL is None, reason="there is no kubectl here")
@pytest.mark.parametrize("overlay", ["base", "keda"])
def test_kustomize_builds_it(overlay):
    built = subprocess.run(
        [KUBECTL, "kustomize", DEPLOY / "kubernetes" / overlay], check=True, capture_output=True, text=True
    )

    kinds = [each["kind"] for each in yaml.safe_load_all(built.stdout)]
    assert kinds.count("Deployment") == 2
    assert kinds.count("HorizontalPodAutoscaler") == {"base": 2, "keda": 1}[overlay]
