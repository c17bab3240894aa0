"""The file for several machines: closed to the outside except the proxy, authenticated, complete. No engine runs here."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tasks import server, settings

DEPLOYMENTS = settings.PROJECT_ROOT / "deployments"
TEXT = (DEPLOYMENTS / "docker-compose.yml").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]


def test_only_the_proxy_can_be_reached_from_other_machines() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert all("inside" in service["networks"] for service in SERVICES.values())


def test_the_api_asks_for_a_password_and_every_client_has_it() -> None:
    assert "PREFECT_SERVER_API_AUTH_STRING" in SERVICES["server"]["environment"]
    for name in ("register", "worker", "watch"):
        assert SERVICES[name]["environment"]["PREFECT_API_AUTH_STRING"]
    proxy = (DEPLOYMENTS / "proxy" / "nginx.conf").read_text("utf-8")
    assert "auth_basic_user_file" in proxy and "listen 443 ssl" in proxy
    assert not re.search(r"listen 80\b", proxy)


def test_no_secret_stands_in_the_file() -> None:
    for value in re.findall(r"(?:PASSWORD|AUTH)\w*: (.+)", TEXT):
        assert re.fullmatch(r"\$\{\w+(:\?[^}]+)?\}", value), value


def test_services_name_what_exists() -> None:
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) <= set(SERVICES)
        assert set(service["networks"]) <= set(COMPOSE["networks"])
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or source.startswith("./")
    assert SERVICES["worker"]["deploy"]["replicas"] >= 2
    assert (DEPLOYMENTS / SERVICES["worker"]["build"]["dockerfile"].rpartition("/")[2]).is_file()


def test_the_server_runs_with_what_was_measured_and_keeps_places_on_disk() -> None:
    """Kept in memory, a restarted server would leave a step's only place taken and end whoever works there."""
    measured = {k: v for k, v in server.SERVER_ENVIRONMENT.items() if "EPHEMERAL" not in k}
    assert measured.items() <= SERVICES["server"]["environment"].items()
    assert measured["PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE"].endswith(".filesystem")
    assert f"prefect:{SERVICES['server']['environment']['PREFECT_HOME']}" in SERVICES["server"]["volumes"]


def test_any_number_of_workers_can_run_each_under_a_name_of_its_own() -> None:
    worker = SERVICES["worker"]
    assert worker["command"][:2] == ["jixiao", "worker"] and "--name" not in worker["command"]
    assert not {"container_name", "hostname", "ports"} & set(worker)
    assert worker["depends_on"]["register"]["condition"] == "service_completed_successfully"
    assert SERVICES["register"]["command"] == ["jixiao", "register"]


def test_the_image_has_the_client_of_an_s3_file_store() -> None:
    lock = "requirements-s3.lock"
    assert lock in (DEPLOYMENTS / "Dockerfile").read_text("utf-8")
    assert f"!{lock}" in (DEPLOYMENTS / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    assert (settings.PROJECT_ROOT / lock).is_file()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_make_secrets_makes_every_file_and_value_the_services_need_and_keeps_them(tmp_path: Path) -> None:
    copy = tmp_path / "deployments"
    shutil.copytree(DEPLOYMENTS, copy, ignore=shutil.ignore_patterns(".env", "users", "prefect-auth.conf", "tls"))
    first = subprocess.run([copy / "make-secrets", "zhangsan"], capture_output=True, text=True, check=True)
    assert "zhangsan" in first.stdout
    made = dict(line.split("=", 1) for line in (copy / ".env").read_text("utf-8").splitlines())
    assert set(re.findall(r"\$\{(\w+)(?::\?[^}]+)?\}", TEXT)) <= set(made)
    assert stat.S_IMODE((copy / ".env").stat().st_mode) == 0o600
    assert stat.S_IMODE((copy / "proxy" / "prefect-auth.conf").stat().st_mode) == 0o600
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            if volume.startswith("./"):
                assert (copy / volume.split(":")[0]).exists(), volume
    again = subprocess.run([copy / "make-secrets", "zhangsan"], capture_output=True, text=True, check=True)
    assert "未改动" in again.stdout
    assert dict(line.split("=", 1) for line in (copy / ".env").read_text("utf-8").splitlines()) == made
