"""A bureau on several machines, for tests: one Prefect server and our data on PostgreSQL, workers started as in the compose file.

Every "machine" is a worker process with a mark in its environment, so that pulling its plug ends it and all it started.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg

from tasks import server, settings
from tasks.workpool import POOL

PATIENCE = 300.0
MARK = "JIXIAO_TEST_MACHINE"
DEPLOYMENTS = ("23 审读材料", "30 评分", "89 协助办理")
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


def new_database(postgres: str, purpose: str) -> str:
    """An empty database on the PostgreSQL server; its address."""
    name = f"{purpose}_{uuid4().hex[:12]}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return postgres.replace("/postgres?", f"/{name}?")


def copy_database(postgres: str, url: str, name: str) -> None:
    """Copy a database that nobody is connected to."""
    with psycopg.connect(url) as connection:
        known = connection.info.dbname
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{known}"')


def _has_trigrams(postgres: str) -> bool:
    """Prefect's own tables need an extension that the PostgreSQL out of a wheel comes without; Debian's and Docker's have it."""
    with psycopg.connect(postgres) as connection:
        found = connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'").fetchone()
    return found is not None


@dataclass
class Bureau:
    """One server and its workers."""

    folder: Path
    database_url: str
    extra: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=server.free_port)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    def _environment(self, machine: str, **more: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("JIXIAO_", "PREFECT_"))}
        own = {"PREFECT_HOME": str(self.folder / "prefect"), "PREFECT_API_URL": self.api, MARK: self._mark(machine)}
        return kept | server.QUIET | own | dict(self.extra) | more

    def _mark(self, machine: str) -> str:
        return f"{self.folder}/{machine}"

    def _start(self, machine: str, words: list[str], environment: dict[str, str]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{machine}.log").open("ab") as log:
            self.running[machine] = subprocess.Popen(
                [sys.executable, "-P", "-m", *words],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=settings.PROJECT_ROOT,
                start_new_session=True,
            )

    def start_server(self, postgres: str) -> None:
        """``prefect server start``, with its own data on PostgreSQL too where that has what Prefect needs; does not wait."""
        more = {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "PREFECT_LOGGING_LEVEL": "WARNING"}
        if _has_trigrams(postgres):
            own = new_database(postgres, "prefect").replace("postgresql://", "postgresql+asyncpg://", 1)
            more["PREFECT_API_DATABASE_CONNECTION_URL"] = own
        words = ["prefect", "server", "start", "--host", "127.0.0.1", "--port", str(self.port)]
        environment = self._environment("server", **server.SERVER_ENVIRONMENT, **more)
        environment.pop("PREFECT_API_URL")
        self._start("server", words, environment)

    def register(self) -> None:
        """Make the pool and the deployments that are used here, from the project's own file."""
        self.wait("the server", lambda: server.healthy(self.api))
        file = str(settings.PROJECT_ROOT / "deployments" / "prefect.yaml")
        named = [word for name in DEPLOYMENTS for word in ("-n", name)]
        for words in (["work-pool", "create", POOL, "--type", "process"], ["deploy", "--prefect-file", file, *named]):
            done = subprocess.run(
                [sys.executable, "-P", "-m", "prefect", "--no-prompt", *words],
                env=self._environment("clerk"),
                cwd=settings.PROJECT_ROOT,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr

    def start_worker(self, machine: str, home: Path, *words: str, **more: str) -> None:
        """``jixiao worker`` as the compose file starts it, on a machine of its own."""
        ours = {"JIXIAO_HOME": str(home), "JIXIAO_DATABASE_URL": self.database_url}
        command = ["flows.cli", "worker", "--name", machine, "--limit", "4", *words]
        self._start(machine, command, self._environment(machine, **ours, **more))

    def _asked(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask the server; one on SQLite is busy now and then (503), and whoever asks again gets through."""
        for _ in range(20):
            answer = httpx.request(method, f"{self.api}{path}", json=body, timeout=60)
            if answer.status_code != 503:
                answer.raise_for_status()
                return answer.json()
            time.sleep(1)
        raise AssertionError(f"the server stays busy: {path}")

    def online(self, *machines: str) -> None:
        """Wait until the server has heard of these workers."""

        def heard() -> bool:
            found = self._asked("POST", f"/work_pools/{POOL}/workers/filter", {})
            return set(machines) <= {w["name"] for w in found if w["status"] == "ONLINE"}

        self.wait(f"workers {machines}", heard)

    def press(self, name: str, form: Mapping[str, Any]) -> str:
        """Start a deployment as its Run page does; the run's id."""
        rows = self._asked("POST", "/deployments/filter", {"deployments": {"name": {"any_": [name]}}})
        made = self._asked("POST", f"/deployments/{rows[0]['id']}/create_flow_run", {"parameters": {"form": form}})
        return str(made["id"])

    def state(self, run: str) -> dict[str, Any]:
        return dict(self._asked("GET", f"/flow_runs/{run}")["state"])

    def ended(self, run: str) -> dict[str, Any]:
        """Wait for a run's end; its last state."""
        self.wait(f"run {run}", lambda: self.state(run)["type"] in ENDED)
        return self.state(run)

    def taken(self, run: str) -> float:
        """How many seconds a run took, from its start to its end."""
        return float(self._asked("GET", f"/flow_runs/{run}")["total_run_time"])

    def runs(self, name: str) -> list[dict[str, Any]]:
        """All runs of a deployment."""
        return list(self._asked("POST", "/flow_runs/filter", {"deployments": {"name": {"any_": [name]}}}))

    def crash(self, run: str) -> None:
        """What the automation 无心跳即判中断 does two minutes after the last sign of life."""
        state = {"type": "CRASHED", "name": "Crashed", "message": "未收到心跳，判定为运行中断"}
        self._asked("POST", f"/flow_runs/{run}/set_state", {"state": state, "force": False})

    def pull_the_plug(self, machine: str) -> None:
        """SIGKILL to the worker and to everything it started, all at once as in a power cut."""
        for pid in self.left(machine):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.running.pop(machine).wait(timeout=30)
        self.wait(f"the end of {machine}", lambda: not self.left(machine))

    def left(self, machine: str) -> list[int]:
        """Processes of a machine that still run."""
        mark = f"{MARK}={self._mark(machine)}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes().split(b"\0") and server.alive(int(folder.name)):
                    found.append(int(folder.name))
            except OSError:
                continue
        return found

    def close(self) -> None:
        """Stop everything."""
        for machine in [*(m for m in self.running if m != "server"), *(m for m in self.running if m == "server")]:
            self.pull_the_plug(machine)

    def wait(self, what: str, ready: Callable[[], Any]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self._is(ready):
            for machine, process in self.running.items():
                log = (self.folder / f"{machine}.log").read_text("utf-8", "replace")[-3000:]
                assert process.poll() is None, f"{machine} ended: {log}"
            assert time.monotonic() < deadline, f"waited {PATIENCE} s for {what}"
            time.sleep(0.05)

    @staticmethod
    def _is(ready: Callable[[], Any]) -> bool:
        try:
            return bool(ready())
        except (httpx.TransportError, KeyError):
            return False
