"""Every alarm, seen (告警演练): breaks an office of its own in each of the known ways and waits for the letter to the staff.

    python deployments/alarms_drill.py EMPTY_FOLDER

1 a scheduled step fails; 2 a worker dies with a run in its hands; 3 a worker that no longer takes up runs; 4 the daily
step stays away; 5 a run that never gave a sign of life. Takes some nine minutes; prints every letter as it arrives and ends
with 0 when all were seen.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import httpx
from clerk_year import CLERK, call, office, on

from tasks import clock
from tasks.practice import world

PATIENCE = 420.0
STEP = "收取材料"
# A step that nothing else here starts, a queue that no worker looks at, and the shortest silence that can be set.
QUIET, NOBODY, SILENT_MINUTES = "审读材料", "无人办理", 5
# The dead-man rule waits 26 hours in an office; the shortest Prefect allows is enough to see it speak.
SHORTEST = 10


class Office:
    """A running office, through its API."""

    def __init__(self, base: str, home: Path) -> None:
        self.home = home
        self.api = httpx.Client(base_url=f"{base}/api", timeout=PATIENCE)
        self.steps = {row["name"][3:]: row["id"] for row in self.ask("POST", "/deployments/filter", {"limit": 200})}

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        return call(self.api, method, path, body)

    def start(self, step: str, form: dict[str, Any], env: dict[str, str]) -> str:
        """Start a run of a step with some settings of its own; its id."""
        body = {"parameters": {"form": form}, "job_variables": {"env": env}}
        return str(self.ask("POST", f"/deployments/{self.steps[step]}/create_flow_run", body)["id"])

    def state(self, run: str) -> str:
        return str(self.ask("GET", f"/flow_runs/{run}")["state"]["name"])

    def heard(self, run: str) -> bool:
        """Whether the server has had a heartbeat of a run: the rule that declares it crashed counts from there."""
        wanted = {"event": {"name": ["prefect.flow-run.heartbeat"]}, "resource": {"id": [f"prefect.flow-run.{run}"]}}
        return bool(self.ask("POST", "/events/filter", {"filter": wanted, "limit": 1})["events"])

    def subjects(self) -> list[str]:
        """The subjects of the letters that the staff got."""
        letters = [message_from_bytes(path.read_bytes()) for path in (self.home / "mail" / "out").glob("*.eml")]
        to_staff = [m for m in letters if "zhishou@" in str(m["To"])]
        return [str(make_header(decode_header(str(m["Subject"])))) for m in to_staff]


def until(what: str, happened: Callable[[], bool]) -> None:
    """Wait until something has happened."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > deadline:
            raise RuntimeError(f"not seen: {what}")
        time.sleep(1)
    print(f"  ✓ {what}", flush=True)


def told(desk: Office, words: str) -> None:
    """Wait for a letter to the staff with these words in its subject."""
    until(f"letter to the staff: …{words}…", lambda: any(words in subject for subject in desk.subjects()))


@contextmanager
def silent_mailbox() -> Iterator[int]:
    """A mail server that takes calls and never says a word: whoever reads from it hangs."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        held: list[socket.socket] = []

        def hold() -> None:
            while True:
                try:
                    held.append(listening.accept()[0])
                except OSError:
                    return

        threading.Thread(target=hold, daemon=True).start()
        yield int(listening.getsockname()[1])


def mailbox(port: int) -> dict[str, str]:
    return {
        "JIXIAO_IMAP_HOST": "127.0.0.1",
        "JIXIAO_IMAP_PORT": str(port),
        "JIXIAO_IMAP_SECURITY": "none",
        "JIXIAO_IMAP_USER": "x",
        clock.ENVIRONMENT: os.environ[clock.ENVIRONMENT],
    }


def a_step_fails(desk: Office, year: dict[str, Any]) -> None:
    print("1 a scheduled step fails")
    desk.start(STEP, year, mailbox(1))
    told(desk, f"“{STEP}”运行失败")


def a_worker_dies(desk: Office, year: dict[str, Any]) -> None:
    print("2 power fails while a run is in a worker's hands")
    with silent_mailbox() as port:
        run = desk.start(STEP, year, mailbox(port))
        until("the run works", lambda: desk.state(run) == "Running" and bool(_processes(run)))
        until("it has given a sign of life", lambda: desk.heard(run))
        for pid in (*json.loads((desk.home / "prefect" / "workers.json").read_text()), *_processes(run)):
            os.kill(pid, signal.SIGKILL)
    until("without a heartbeat it is declared crashed", lambda: desk.state(run) == "Crashed")
    told(desk, f"“{STEP}”运行中断")


def _processes(run: str) -> list[int]:
    """The processes that carry out a run."""
    mark = f"PREFECT__FLOW_RUN_ID={run}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def nobody_works(desk: Office, year: dict[str, Any]) -> None:
    print("3 the worker takes up nothing any more")
    pids = json.loads((desk.home / "prefect" / "workers.json").read_text())
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        run = desk.start("催报", year, mailbox(1))
        until("the run is late", lambda: desk.state(run) == "Late")
        time.sleep(65)
        words = [sys.executable, "-m", "flows.cli", "watch", "--home", str(desk.home)]
        shell = {k: v for k, v in os.environ.items() if not k.startswith(("JIXIAO_", "PREFECT_"))}
        extra = {clock.ENVIRONMENT: os.environ[clock.ENVIRONMENT], "JIXIAO_WATCH_LATE_MINUTES": "1"}
        subprocess.run(words, env=shell | extra, check=False, stdout=subprocess.DEVNULL)
        told(desk, "到点的环节没有开始办理")
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    told(desk, "“催报”没有按时开始")


def the_daily_step_stays_away(desk: Office) -> None:
    print("4 the daily step stays away")
    rules = desk.ask("POST", "/automations/filter", {"limit": 100})
    (rule,) = (one for one in rules if one["name"] == "告警-推进年度工作没有运行")
    kept = {k: rule[k] for k in ("name", "description", "enabled", "trigger", "actions")}
    try:
        desk.ask("PUT", f"/automations/{rule['id']}", kept | {"trigger": kept["trigger"] | {"within": SHORTEST}})
        told(desk, "“推进年度工作”长时间没有成功运行")
    finally:
        # So short a patience would start a run every ten seconds.
        desk.ask("PATCH", f"/automations/{rule['id']}", {"enabled": False})


def begun_by_nobody(desk: Office, year: dict[str, Any]) -> str:
    """A run whose worker was killed before it gave a sign of life: at work for the server, with nobody behind it."""
    body = {"parameters": {"form": year}, "work_queue_name": NOBODY}
    run = str(desk.ask("POST", f"/deployments/{desk.steps[QUIET]}/create_flow_run", body)["id"])
    for state in ("PENDING", "RUNNING"):
        desk.ask("POST", f"/flow_runs/{run}/set_state", {"state": {"type": state}})
    return run


def nobody_is_behind_a_run(desk: Office, run: str, since: float) -> None:
    print("5 a run never gave a sign of life")
    until("it has been silent for long enough", lambda: time.monotonic() - since > 60 * SILENT_MINUTES + 5)
    env = {clock.ENVIRONMENT: os.environ[clock.ENVIRONMENT], "JIXIAO_SILENT_MINUTES": str(SILENT_MINUTES)}
    desk.ask("POST", f"/deployments/{desk.steps['值守检查']}/create_flow_run", {"job_variables": {"env": env}})
    until("at the second look it is declared crashed", lambda: desk.state(run) == "Crashed")
    told(desk, f"“{QUIET}”运行中断")
    again = {"deployments": {"id": {"any_": [desk.steps[QUIET]]}}}
    until(
        "the step is done once more by itself",
        lambda: any(r["state_type"] == "COMPLETED" for r in desk.ask("POST", "/flow_runs/filter", again)),
    )


def main(home: Path) -> int:
    """Break everything in turn; 0 when every alarm was seen."""
    with office(home.resolve()) as (base, _):
        clock.set_now(on(3, 7))
        desk = Office(base, home.resolve())
        for step in ("收取材料", "发送函件", "审读材料", "推进年度工作", "值守检查", "进度台账"):
            desk.ask("PATCH", f"/deployments/{desk.steps[step]}", {"paused": True})
        year = {"fiscal_year": world.FISCAL_YEAR}
        made = {"county": "清禾县", "bureau": "清禾县财政局", "office": "绩效评价股", "operator": CLERK}
        made |= {"ruleset": world.RULESET, "roster": "部门名册.xlsx"}
        opened = desk.start("建立年度评价工作", year | made, {clock.ENVIRONMENT: os.environ[clock.ENVIRONMENT]})
        until("the year is open", lambda: desk.state(opened) == "Completed")
        silent, since = begun_by_nobody(desk, year), time.monotonic()
        a_step_fails(desk, year)
        a_worker_dies(desk, year)
        nobody_works(desk, year)
        the_daily_step_stays_away(desk)
        nobody_is_behind_a_run(desk, silent, since)
        print(f"{len(desk.subjects())} letters to the staff:", *sorted(desk.subjects()), sep="\n  ")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
