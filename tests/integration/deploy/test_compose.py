"""What docker-compose.yml resolves to: settings, commands and metrics that exist, and few doors."""

import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from services.common.settings import Settings
from services.console.main import app
from services.local.kafka_broker import Member, Plan, server_settings

SERVICES = ("ingest", "analytics", "recommend")
PASSWORD = "not-a-password-of-anybody"


def test_it_refuses_to_start_without_the_secret(resolve):
    result = resolve()
    assert result.returncode != 0
    assert b"put POSTGRES_PASSWORD into .env" in result.stderr


def test_the_secret_stands_nowhere_else(resolved, root):
    def walk(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [found for each in value.values() for found in walk(each)]
        if isinstance(value, list):
            return [found for each in value for found in walk(each)]
        return [value] if isinstance(value, str) and PASSWORD in value else []

    assert len(walk(resolved["services"])) == len(SERVICES) + 1  # three addresses, and PostgreSQL itself
    for name, service in resolved["services"].items():
        for variable, value in service.get("environment", {}).items():
            if "PASSWORD" in variable:
                assert value == PASSWORD, (name, variable)
    assert "/.env" in (root / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_gets_settings_that_exist_and_nothing_else(resolved, name, monkeypatch):
    environment = resolved["services"][name]["environment"]
    known = {f"LEERMIX_{field.upper()}" for field in Settings.model_fields}
    assert set(environment) <= known
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    settings = Settings()
    assert (settings.host, settings.port) == ("0.0.0.0", 8080)
    assert settings.kafka_bootstrap_servers == "kafka:9092"
    assert settings.database_url == f"postgresql://leermix:{PASSWORD}@postgres:5432/leermix"
    assert settings.origin == "http://localhost:8080"


def test_all_services_are_one_image_with_the_same_settings(resolved):
    services = [resolved["services"][name] for name in SERVICES]
    for key in ("image", "environment", "build"):
        assert services[0][key] == services[1][key] == services[2][key]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_runs_a_command_the_console_knows(resolved, name):
    command = resolved["services"][name]["command"]
    assert command == ["serve", name]
    known = CliRunner().invoke(app, ["serve", "--help"])
    assert known.exit_code == 0, known.output
    assert name in known.output


def test_what_may_change_is_a_setting(resolve):
    result = resolve(
        POSTGRES_PASSWORD=PASSWORD, LEERMIX_PORT="9000", LEERMIX_HOST="0.0.0.0", LEERMIX_TIME_ZONE="Europe/Brussels",
        PROMETHEUS_PORT="9999", KAFKA_FLUSH_MESSAGES="1",
    )  # fmt: skip
    services = yaml.safe_load(result.stdout)["services"]
    assert ports(services["gateway"]) == [("0.0.0.0", "9000", 8080)]
    assert ports(services["prometheus"]) == [("127.0.0.1", "9999", 9090)]
    assert services["ingest"]["environment"]["LEERMIX_TIME_ZONE"] == "Europe/Brussels"
    assert services["ingest"]["environment"]["LEERMIX_PUBLIC_URL"] == "http://localhost:9000"
    assert services["ingest"]["environment"]["LEERMIX_PORT"] == "8080"
    assert services["kafka"]["environment"]["KAFKA_LOG_FLUSH_INTERVAL_MESSAGES"] == "1"


def ports(service: dict[str, Any]) -> list[tuple[str, str, int]]:
    return [(port["host_ip"], port["published"], port["target"]) for port in service.get("ports", [])]


def test_only_the_gateway_and_prometheus_have_a_door_and_both_on_this_machine(resolved):
    doors = {name: ports(service) for name, service in resolved["services"].items() if service.get("ports")}
    assert doors == {"gateway": [("127.0.0.1", "8080", 8080)], "prometheus": [("127.0.0.1", "9090", 9090)]}
    outside = {name for name, service in resolved["services"].items() if "outside" in service["networks"]}
    assert outside == set(doors)
    assert resolved["networks"]["inside"]["internal"] is True


def test_everything_restarts_is_limited_is_watched_and_is_pinned(resolved):
    for name, service in resolved["services"].items():
        assert service["restart"] == "unless-stopped", name
        assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["logging"]["options"]["max-size"], name
        assert service["healthcheck"]["test"], name
        _, colon, tag = service["image"].partition(":")
        assert colon, f"{name} is not pinned"
        assert any(character.isdigit() for character in tag), f"{name} is not pinned"


def test_only_what_must_write_can(resolved):
    """Kafka's image writes its configuration into itself; everything else writes to its volumes and to memory."""
    writable = {name for name, service in resolved["services"].items() if not service.get("read_only")}
    assert writable == {"kafka"}
    volumes = {
        mount["source"]: name
        for name, service in resolved["services"].items()
        for mount in service.get("volumes", ())
        if not mount.get("read_only")
    }
    assert volumes == {"kafka": "kafka", "postgres": "postgres", "prometheus": "prometheus"}


def test_what_is_mounted_exists(resolved):
    for service in resolved["services"].values():
        for mount in service.get("volumes", ()):
            if mount["type"] == "bind":
                assert Path(mount["source"]).is_file(), mount["source"]


def test_the_gateway_is_that_of_one_machine_and_finds_the_services_by_its_defaults(resolved, root):
    gateway = resolved["services"]["gateway"]
    mounted = {mount["target"]: mount["source"] for mount in gateway["volumes"]}
    assert mounted == {"/etc/caddy/Caddyfile": str(root / "deploy/local/Caddyfile")}
    assert "environment" not in gateway
    text = (root / "deploy/local/Caddyfile").read_text()
    for name in SERVICES:
        address = f"{name}:{resolved['services'][name]['environment']['LEERMIX_PORT']}"
        assert f"{{$LEERMIX_{name.upper()}_UPSTREAM:{address}}}" in text
    assert "{$LEERMIX_PORT:8080}" in text
    assert gateway["ports"][0]["target"] == 8080


def test_the_gateway_can_read_its_configuration(root):
    caddy = Path(sysconfig.get_path("scripts")) / "caddy"
    result = subprocess.run(
        [caddy, "validate", "--adapter", "caddyfile", "--config", "deploy/local/Caddyfile"],
        cwd=root,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr


def test_the_broker_is_set_as_the_one_that_the_tests_run_on(resolved):
    """But for addresses, folders and sizes, which belong to a place."""
    plan = Plan([Member(1, 9092, 9093)], "any", [], "512m", 1_048_588, {})
    tested = server_settings(plan.members[0], plan, Path("/data"))
    places = {"listeners", "advertised.listeners", "controller.quorum.voters", "log.dirs"}
    sizes = {name for name in tested if "num." in name} | {
        "message.max.bytes", "replica.fetch.max.bytes", "log.cleaner.dedupe.buffer.size"
    }  # fmt: skip
    ours = resolved["services"]["kafka"]["environment"]
    for name in tested.keys() - places - sizes:
        assert ours["KAFKA_" + name.replace(".", "_").upper()] == tested[name], name


def test_prometheus_scrapes_every_service_where_it_listens(resolved, root):
    configuration = yaml.safe_load((root / "deploy/prometheus/prometheus.yml").read_text())
    targets = {
        job["job_name"]: [(each["names"], each["type"], each["port"]) for each in job["dns_sd_configs"]]
        for job in configuration["scrape_configs"]
    }
    port = int(resolved["services"]["ingest"]["environment"]["LEERMIX_PORT"])
    assert targets == {name: [([name], "A", port)] for name in SERVICES}
    mounted = {mount["target"] for mount in resolved["services"]["prometheus"]["volumes"]}
    assert {"/etc/prometheus/prometheus.yml", *configuration["rule_files"]} <= mounted
