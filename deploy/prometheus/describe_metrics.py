"""Writes docs/metrics.md: python deploy/prometheus/describe_metrics.py > docs/metrics.md."""

import sys
from collections.abc import Iterator

from prometheus_client.metrics import MetricWrapperBase

from services.common import metrics

_HEAD = """# Metrics

Each service has a page `/metrics` for Prometheus; embedded mode has one for all. Through the gateway `/metrics` is that
of all three, each sample with a label `process`, and `/metrics/ingest`, `/metrics/analytics` and `/metrics/recommend`
are those of one; with several replicas of a service ask each of them instead (deploy/prometheus does). The alerts on
them, and what to do about each, are in [operations.md](operations.md). Beside these there are `process_*` (memory, CPU,
open files, start) and `python_*` of the Prometheus client. No label holds personal data.

This page is written by `python deploy/prometheus/describe_metrics.py > docs/metrics.md`; a test tells when it is old.

| metric | kind | labels | meaning |
|---|---|---|---|
"""


def rows() -> Iterator[str]:
    """Yield a line of the table per metric, in the order of the module: they are grouped by subject there."""
    for metric in vars(metrics).values():
        if not isinstance(metric, MetricWrapperBase):
            continue
        for family in metric.describe():
            name = family.name + ("_total" if family.type == "counter" else "")
            labels = ", ".join(f"`{label}`" for label in metric._labelnames)  # noqa: SLF001 - told nowhere else
            yield f"| `{name}` | {family.type} | {labels} | {family.documentation} |\n"


if __name__ == "__main__":
    sys.stdout.write(_HEAD + "".join(rows()))
