"""`leermix mix` on a generated world, classified by our rules and its registry, against the oracle."""

import json
import subprocess
import sys

import yaml

from tests.oracle.test_minutes import AMSTERDAM, oracle
from tests.world.world import REGISTRY, world


def test_leermix_mix_says_what_the_oracle_says(tmp_path):
    made = world(40, 40, seed=5)
    (tmp_path / "registry.yaml").write_text(yaml.safe_dump(REGISTRY))
    (tmp_path / "people.csv").write_text(made.people_csv())
    command = [sys.executable, "-m", "services.console.main", "mix", "--time-zone", AMSTERDAM]
    command += ["--registry", str(tmp_path / "registry.yaml"), "--people", str(tmp_path / "people.csv")]
    text = "\n".join(json.dumps(each) for each in made.deliveries)
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True, timeout=100)
    assert done.stderr == ""
    found = {}
    for line in map(json.loads, done.stdout.splitlines()):
        figures = {name: line[name] for name in ("minutes", "measured", "moments", "events", "given")}
        found[line["person"], line["day"], line["mode"]] = {name: value for name, value in figures.items() if value}
    expected = {}
    for (person, day, mode), row in oracle(made).items():
        minutes = {name: round(row[name] / 60, 6) for name in ("minutes", "measured", "given")}
        figures = minutes | {name: row[name] for name in ("moments", "events")}
        if any(figures.values()):
            expected[person, day.isoformat(), mode] = {name: value for name, value in figures.items() if value}
    shown = {key: figures for key, figures in found.items() if figures}
    different = [key for key in shown.keys() | expected.keys() if shown.get(key) != expected.get(key)]
    assert not different, [(key, shown.get(key), expected.get(key)) for key in sorted(different)[:5]]
