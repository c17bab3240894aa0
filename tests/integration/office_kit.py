"""A real ``jixiao up`` for tests: its own folder, port and mail catcher, driven through the API as the UI does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tasks import settings
from tasks.practice.county_model import County
from tasks.server import alive, free_port

PATIENCE = 240.0


@dataclass
class Office:
    """One office on this machine, started and stopped as a person would."""

    home: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    def configure(self, county: County, smtp_port: int) -> None:
        """Write the settings file that staff would fill in."""
        self.home.mkdir(parents=True, exist_ok=True)
        lines = {
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(smtp_port),
            "SMTP_SECURITY": "none",
            "MAIL_FROM": county.bureau.address,
            "MAIL_DOMAIN": "office.example",
            "STAFF": "值守甲 <zhishou@office.example>",
            "REVIEWERS": "复核甲 <fuhe@office.example>",
        }
        (self.home / "jixiao.env").write_text("".join(f"JIXIAO_{k}={v}\n" for k, v in lines.items()), "utf-8")

    def start(self, now: str) -> None:
        """``jixiao up``, at a moment of the working year; returns when the page is announced."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("JIXIAO_", "PREFECT_"))}
        log = self.home / "up.log"
        with log.open("ab") as out:
            before = log.stat().st_size
            self.process = subprocess.Popen(
                [sys.executable, "-m", "flows.cli", "up", "--home", str(self.home), "--port", str(self.port)],
                env=kept | {"JIXIAO_NOW": now, "PREFECT_WORKER_QUERY_SECONDS": "1"},
                stdout=out,
                stderr=out,
                cwd=settings.PROJECT_ROOT,
                start_new_session=True,
            )
        self.wait(lambda: "界面" in log.read_bytes()[before:].decode("utf-8", "replace"), log)

    def wait(self, ready: Any, log: Path | None = None) -> None:
        deadline = time.monotonic() + PATIENCE
        while not ready():
            assert self.process is not None
            told = log.read_text("utf-8") if log else ""
            assert self.process.poll() is None, f"jixiao up ended: {told}"
            assert time.monotonic() < deadline, f"nothing happened for {PATIENCE} s: {told}"
            time.sleep(0.3)

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(sign)
        return self.process.wait(timeout=60)

    def left(self) -> list[int]:
        """Processes of this office that still run: whatever has its data folder in its environment."""
        mark = f"JIXIAO_HOME={self.home}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes().split(b"\0") and alive(int(folder.name)):
                    found.append(int(folder.name))
            except OSError:
                continue
        return found

    def left_after(self, seconds: float) -> list[str]:
        """What is still there after a while, as command lines: one that was killed needs a moment to be gone."""
        deadline = time.monotonic() + seconds
        while (found := self.left()) and time.monotonic() < deadline:
            time.sleep(0.2)
        return [Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode() for pid in found]

    def press(self, name: str, form: Mapping[str, Any] | None) -> dict[str, Any]:
        """Fill in a deployment's form and run it, as the Run page does; its last state."""
        with httpx.Client(base_url=self.api, timeout=60) as client:
            rows = client.post("/deployments/filter", json={"deployments": {"name": {"any_": [name]}}}).json()
            path = f"/deployments/{rows[0]['id']}/create_flow_run"
            body = {"parameters": {} if form is None else {"form": dict(form)}}
            asked = client.post(path, json=body)
            # SQLite busy, as after a server's start: whoever presses again gets through.
            for _ in range(10):
                if asked.status_code != 503:
                    break
                time.sleep(2)
                asked = client.post(path, json=body)
            if asked.status_code >= 400:
                return {"type": "REFUSED", "message": asked.text}
            run = asked.json()["id"]
            deadline = time.monotonic() + PATIENCE
            while True:
                state = client.get(f"/flow_runs/{run}").json()["state"]
                if state["type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED"):
                    return dict(state)
                assert time.monotonic() < deadline, f"“{name}” is still {state['name']}"
                time.sleep(0.3)
