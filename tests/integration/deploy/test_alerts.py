"""The alert rules: each fires when it must and not otherwise, and asks for metrics and labels that exist."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase

from services.common import metrics

_NAME = re.compile(r"\b(leermix_\w+|process_\w+)\b(?:\{([^}]*)\})?")
_BY = re.compile(r"(?:by|on) \(([^)]*)\)")
_SCRAPED = {"job", "instance"}  # Prometheus adds them


@pytest.fixture(scope="module")
def rules(root: Path) -> list[dict[str, Any]]:
    document = yaml.safe_load((root / "deploy/prometheus/rules.yml").read_text())
    return [rule for group in document["groups"] for rule in group["rules"]]


@pytest.fixture(scope="module")
def tests(root: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((root / "deploy/prometheus/rules_test.yml").read_text())["tests"]
    return found


@pytest.fixture(scope="module")
def promtool() -> str:
    """Debian's package `prometheus`; without it these are listed as not run, but CI must have it."""
    found = shutil.which("promtool")
    if found is None:
        message = "no promtool: on Debian, apt-get install --no-install-recommends prometheus"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return found


def samples() -> dict[str, set[str]]:
    """The labels of every name that a /metrics page can show."""
    found: dict[str, set[str]] = {}
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            labels = set(metric._labelnames) | _SCRAPED
            for family in metric.describe():
                kinds = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(family.type, ("",))
                for ending in kinds:
                    found[family.name + ending] = labels | ({"le"} if ending == "_bucket" else set())
    for family in REGISTRY.collect():
        if family.name.startswith("process_"):
            found |= {sample.name: {*sample.labels, *_SCRAPED} for sample in family.samples}
    return found


def asked(expressions: list[str]) -> Iterator[tuple[str, set[str]]]:
    for expression in expressions:
        for name, matchers in _NAME.findall(expression):
            yield name, set(re.findall(r"(\w+)\s*[=!]", matchers or ""))


@pytest.mark.parametrize("arguments", [("check", "rules", "rules.yml"), ("test", "rules", "rules_test.yml"),
                                       ("check", "config", "--syntax-only", "prometheus.yml")])  # fmt: skip
def test_promtool_agrees(promtool, root, arguments):
    result = subprocess.run([promtool, *arguments], cwd=root / "deploy/prometheus", capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_promtool_would_tell_of_a_rule_that_does_not_fire(promtool, root, tmp_path):
    shutil.copytree(root / "deploy/prometheus", tmp_path, dirs_exist_ok=True)
    text = (tmp_path / "rules.yml").read_text()
    (tmp_path / "rules.yml").write_text(text.replace("leermix_group_stopped) == 1", "leermix_group_stopped) == 2"))
    result = subprocess.run([promtool, "test", "rules", "rules_test.yml"], cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode != 0
    assert "LeermixGroupStopped" in result.stdout + result.stderr


def test_rules_ask_for_metrics_and_labels_that_exist(rules):
    known = samples()
    used = list(asked([rule["expr"] for rule in rules]))
    assert len({name for name, _ in used}) > 5
    for name, labels in used:
        assert name in known, name
        assert labels <= known[name], (name, labels)
    grouped = {label.strip() for rule in rules for each in _BY.findall(rule["expr"]) for label in each.split(",")}
    assert grouped <= set().union(*known.values())


def test_the_tests_of_the_rules_speak_of_metrics_and_labels_that_exist(tests):
    known = samples()
    series = [each["series"] for test in tests for each in test["input_series"]]
    for name, labels in asked(series):
        assert name in known, name
        assert labels <= known[name], (name, labels)


def test_every_alert_fires_in_a_test_and_stays_silent_in_the_two_healthy_ones(rules, tests):
    alerts = {rule["alert"] for rule in rules}
    fires = {each["alertname"] for test in tests for each in test["alert_rule_test"] if each.get("exp_alerts")}
    assert fires == alerts
    for test in tests[:2]:
        assert {each["alertname"] for each in test["alert_rule_test"]} == alerts


def test_operations_says_what_to_do_about_every_alert(rules, root):
    text = (root / "docs/operations.md").read_text()
    for rule in rules:
        assert f"`{rule['alert']}`" in text, rule["alert"]
        assert rule["labels"]["severity"] in {"page", "ticket"}


def test_the_page_of_metrics_is_current(root):
    script = root / "deploy/prometheus/describe_metrics.py"
    written = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True).stdout
    assert (root / "docs/metrics.md").read_text() == written
    assert all(f"`{name}`" in written for name in ("leermix_log_lag", "leermix_http_requests_total"))
