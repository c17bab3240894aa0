"""The Prefect server on SQLite answers while many write at once: nobody who presses a button waits for a minute."""

from __future__ import annotations

import gc
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tasks import server, server_process

WRITERS = 6
SECONDS = 12.0
# A server whose event loop waits for its own collector answers after the 60 seconds of SQLite's patience.
PATIENCE = 20.0


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server of our own, as `jixiao up` starts it."""
    for name in [n for n in os.environ if n.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    for name, value in (server.QUIET | server.SERVER_ENVIRONMENT).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    pid, address = server.start(tmp_path, server.free_port())
    yield address
    server.stop(pid)


def _work(api: str, step: str, until: float, took: list[float]) -> None:
    """What a run does to the server: begin, go from state to state, write lines, and be looked at."""
    line = {"name": "压力", "level": 20, "message": "一句话" * 20, "timestamp": "2026-03-01T00:00:00Z"}

    def ask(path: str, body: Any) -> dict[str, Any]:
        began = time.monotonic()
        try:
            answer = httpx.post(f"{api}{path}", json=body, timeout=4 * PATIENCE)
            return dict(answer.json()) if answer.status_code == httpx.codes.CREATED and path != "/logs/" else {}
        except httpx.TransportError:
            return {}  # SQLite lets one write at a time; a client asks again
        finally:
            took.append(time.monotonic() - began)

    while time.monotonic() < until:
        run = ask(f"/deployments/{step}/create_flow_run", {"state": {"type": "SCHEDULED"}}).get("id")
        for state in ("PENDING", "RUNNING", "COMPLETED") if run else ():
            ask(f"/flow_runs/{run}/set_state", {"state": {"type": state}, "force": True})
        ask("/logs/", [line] * 3)
        ask("/work_pools/desk/get_scheduled_flow_runs", {})
        ask("/flow_runs/filter", {"limit": 50})


def test_many_writers_never_bring_the_server_to_a_standstill(api: str) -> None:
    with httpx.Client(base_url=api, timeout=PATIENCE) as client:
        flow = client.post("/flows/", json={"name": "压力"}).json()["id"]
        client.post("/work_pools/", json={"name": "desk", "type": "process"}).raise_for_status()
        made = {"name": "压力", "flow_id": flow, "work_pool_name": "desk"}
        step = client.post("/deployments/", json=made).json()["id"]
    took: list[float] = []
    until = time.monotonic() + SECONDS
    writers = [threading.Thread(target=_work, args=(api, step, until, took)) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(took) > WRITERS * SECONDS
    assert max(took) < PATIENCE


def test_a_server_that_was_started_is_known_as_ours(api: str, tmp_path: Path) -> None:
    told = json.loads((tmp_path / "prefect" / "server.json").read_text("utf-8"))
    assert server.is_ours(told["pid"])
    assert not server.is_ours(os.getpid())


def test_what_is_thrown_away_is_collected_by_another_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ring:
        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            seen.append(threading.current_thread().name)

    seen: list[str] = []
    monkeypatch.setattr(server_process, "SECONDS", 0.01)
    monkeypatch.setattr(server_process, "ALL_OF", 1)
    try:
        server_process.collect_aside()
        Ring()
        deadline = time.monotonic() + PATIENCE
        while not seen and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        gc.enable()
    assert seen == ["collector"]
