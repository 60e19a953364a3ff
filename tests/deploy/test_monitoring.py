"""Dashboard, alerts and autoscaler speak of metrics that there are, by labels that those have."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from tests.deploy.manifests import DEPLOY, ROOT, read

ROWS = re.findall(r"^\| `(darkroom_\w+)` \|(.*?)\|", (ROOT / "docs/metrics.md").read_text(), re.MULTILINE)
LABELS = {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in ROWS}
OF_PROMETHEUS = {"job", "instance", "le"}
DASHBOARD = json.loads((DEPLOY / "monitoring/dashboard.json").read_text())
ALERTS = read("deploy/monitoring/alerts.yaml")["groups"][0]["rules"]
KEDA = read("deploy/kubernetes/keda/worker.yaml")["spec"]["triggers"]

EXPRESSIONS = [
    *(target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", [])),
    *(alert["expr"] for alert in ALERTS),
    *(trigger["metadata"]["query"] for trigger in KEDA if trigger["type"] == "prometheus"),
]


def metric(name):
    return re.sub("_(bucket|count|sum)$", "", name) if name not in LABELS else name


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_names_what_is_published(expression):
    names = [metric(name) for name in re.findall(r"\bdarkroom_\w+", expression)]
    chosen = re.findall(r"(\w+)=?[=~!]~?\"", expression)
    grouped = [
        label.strip() for group in re.findall(r"\bby \(([^)]*)\)", expression) for label in group.split(",")
    ]

    assert set(names) <= set(LABELS)
    assert {*chosen, *grouped} <= OF_PROMETHEUS.union(*(LABELS[name] for name in names))
    assert expression.count("(") == expression.count(")")
    assert expression.count("{") == expression.count("}")


def test_the_dashboard_shows_every_metric():
    shown = {metric(name) for each in EXPRESSIONS for name in re.findall(r"\bdarkroom_\w+", each)}

    assert set(LABELS) - shown == set()


def test_panels_lie_side_by_side():
    taken = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken
        assert at["x"] + at["w"] <= 24
        taken |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_says_what_is_wrong_and_how_much_it_matters(alert):
    assert alert["annotations"]["summary"].rstrip().endswith((".", "?"))
    assert alert["labels"]["severity"] in {"page", "warn"}


def test_what_compose_mounts_leads_to_the_same_source():
    (source,) = yaml.safe_load((DEPLOY / "monitoring/grafana.yaml").read_text())["datasources"]
    used = {panel["datasource"]["uid"] for panel in DASHBOARD["panels"] if "datasource" in panel}

    assert used == {source["uid"]}
