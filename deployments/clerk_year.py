"""A year at the desk (界面演练): a clerk and a leader work through it in a real browser, with nothing but the page.

    python deployments/clerk_year.py EMPTY_FOLDER [PICTURES]

Starts `jixiao up` in the folder for an invented county of five departments, with a mail server of its own. Everything a
person decides is clicked and typed in the page; what the clock does in an office, the script does by moving the day.
Takes about ten minutes; ends with 0 when the year is closed. Needs chromium.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from datetime import time as hour
from pathlib import Path
from typing import Any

import httpx
from browser import Page, browser

from models.states import CycleState
from tasks import clock, lookup, server, settings, store
from tasks.practice import catcher, county, people, world
from tasks.practice.county_model import County
from tasks.practice.people import World

CODES = ("105", "108", "109", "111", "112")
CLERK, LEADER = "经办甲", "负责人乙"
PATIENCE = 240.0
AGAIN = 40.0
DONE = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
# The days on which something happens in this county.
COLLECTING = ((3, 22), (3, 27), (4, 3), (5, 8), (5, 15))
REMEDIATION = ((10, 30), (11, 7), (11, 20), (12, 5), (12, 15), (12, 31))


def call(api: httpx.Client, method: str, path: str, body: Any = None) -> Any:
    """Ask the office's API, again while its server is busy: SQLite lets one write at a time."""
    for wait in range(1, 9):
        try:
            answer = api.request(method, path, json=body)
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
            answer.raise_for_status()
            return answer.json() if answer.content else None
        time.sleep(wait)
    raise RuntimeError(f"{method} {path}: the server stays busy")


class Desk:
    """The page, and what a person does with it."""

    def __init__(self, page: Page, base: str, pictures: Path | None) -> None:
        self.page, self.base, self.pictures = page, base, pictures
        self.api = httpx.Client(base_url=f"{base}/api", timeout=PATIENCE)
        self.steps = {row["name"][3:]: row for row in self._asked("/deployments/filter", {"limit": 200})}

    def _asked(self, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        return list(call(self.api, "POST", path, body))

    def rest(self) -> None:
        """Keep the server's own clock from starting anything: in this year the day is moved by hand."""
        for row in self.steps.values():
            if row["schedules"]:
                self._change(row, {"paused": True})

    def _change(self, row: dict[str, Any], changed: dict[str, Any]) -> None:
        call(self.api, "PATCH", f"/deployments/{row['id']}", changed)

    def ready(self, step: str) -> None:
        """What a worker starts for this step takes place on the day that the script has come to."""
        row = self.steps[step]
        known = row["job_variables"] or {}
        env = known.get("env", {}) | {clock.ENVIRONMENT: os.environ[clock.ENVIRONMENT]}
        if env != known.get("env"):
            row["job_variables"] = known | {"env": env}
            self._change(row, {"job_variables": row["job_variables"]})

    def open(self, step: str) -> None:
        """Open a step's form."""
        self.ready(step)
        self.page.show(f"{self.base}/v2/deployments/deployment/{self.steps[step]['id']}/run", "Submit")

    def open_link(self, key: str, words: str, step: str) -> None:
        """Follow a link on a page that the office shows."""
        self.ready(step)
        self.look(key, words)
        found = f"[...document.querySelectorAll('a')].find(e => e.innerText.includes({words!r}))"
        self.page.ask("Page.navigate", url=self.page.until(f"({found} || {{}}).href", f"no link “{words}”"))
        self.page.wait_for("Submit")
        time.sleep(1.5)

    def look(self, key: str, wanted: str, name: str = "") -> None:
        """Look at what a run has shown."""
        body = {"artifacts": {"key": {"any_": [key]}}, "limit": 1}
        [found] = self._asked("/artifacts/latest/filter", body)
        self.page.show(f"{self.base}/v2/artifacts/artifact/{found['latest_id']}", wanted)
        self.photo(name)

    def photo(self, name: str, height: int = 1100) -> None:
        if name and self.pictures:
            self.page.picture(self.pictures / f"{name}.png", height)

    def submit(self, step: str, fields: Sequence[tuple[str, str]] = (), name: str = "") -> dict[str, Any]:
        """Fill in the open form, submit it, and wait for the end of the run; its state."""
        for label, words in fields:
            self.fill(label, words)
        self.photo(name)
        before = {row["id"] for row in self._runs(step)}
        deadline = time.monotonic() + PATIENCE
        self._send()
        while True:
            new = [row for row in self._runs(step) if row["id"] not in before]
            if new and new[0]["state"]["type"] in DONE:
                state: dict[str, Any] = new[0]["state"]
                print(f"  {clock.today()} {step}：{state['name']}　{state['message']}", flush=True)
                return state
            if time.monotonic() > deadline:
                raise RuntimeError(f"“{step}” did not end; the page says: {self.page.text()[-600:]}")
            time.sleep(0.5)

    def fill(self, label: str, words: str) -> None:
        """Fill in one field: a list where there is one."""
        if words == "✓":
            self.page.switch_on(label)
        elif self.page.is_list(label):
            self.page.choose(label, words)
        else:
            self.page.type(label, words)

    def _send(self) -> None:
        """Submit; a person whose page says nothing, because the server was busy, presses again."""
        for _ in range(5):
            self.page.click("Submit")
            deadline = time.monotonic() + AGAIN
            while time.monotonic() < deadline:
                if not str(self.page.value("location.pathname")).endswith("/run"):
                    return
                time.sleep(0.3)
            print(f"  pressed Submit in vain: {self.page.text()[-300:]!r}", flush=True)
        raise RuntimeError("the form was not taken")

    def press(self, step: str, *fields: tuple[str, str], name: str = "") -> dict[str, Any]:
        """Open a step's form, fill it in, submit it; fails unless the step did its work."""
        self.open(step)
        state = self.submit(step, fields, name)
        if state["type"] != "COMPLETED":
            raise RuntimeError(f"“{step}”: {state['name']} {state['message']}")
        return state

    def _runs(self, step: str) -> list[dict[str, Any]]:
        one = {"deployments": {"id": {"any_": [self.steps[step]["id"]]}}, "sort": "EXPECTED_START_TIME_DESC"}
        known = {"flow_runs": {"state": {"type": {"not_any_": ["SCHEDULED"]}}}, "limit": 20}
        return self._asked("/flow_runs/filter", one | known)


def small_county() -> County:
    """Five departments of the practice county: one errs, one improves, one is silent, one is late."""
    whole = county.load()
    return whole.model_copy(update={"departments": tuple(d for d in whole.departments if d.code in CODES)})


def on(month: int, day: int, at: int = 9) -> datetime:
    return datetime.combine(date(world.FISCAL_YEAR + 1, month, day), hour(at), tzinfo=settings.current().zone)


def year_at_the_desk(desk: Desk, where: World) -> None:
    """The whole year, as a clerk and a leader work through it."""
    desk.rest()
    open_year(desk)
    collect(desk, where)
    judge(desk, where)
    spot_check(desk, where)
    publish(desk)
    remediate(desk, where)


def open_year(desk: Desk) -> None:
    clock.set_now(on(3, 7))
    desk.press(
        "建立年度评价工作",
        ("经办人", CLERK),
        ("县（区）", "清禾县"),
        ("财政局名称", "清禾县财政局"),
        ("承办股室", "绩效评价股"),
        ("评价规则", world.RULESET),
        ("部门名册文件", "部门名册"),
        name="open-year",
    )
    desk.press("导入财政数据", ("经办人", CLERK), ("财政数据表", "财政数据（已填）"))
    clock.set_now(on(3, 10))
    desk.press("拟办通知", ("经办人", CLERK), ("文号", "清财绩〔2026〕5号"))
    desk.look(f"notice-{world.FISCAL_YEAR}", "序号", "notice")
    desk.look(f"approve-notice-{world.FISCAL_YEAR}", "点此填写审批意见", "sign")
    sign(desk, "notice", name="approve")


def sign(desk: Desk, gate: str, name: str = "") -> None:
    """The leader signs: the link on the matter's page opens the form with year, matter and digest filled in."""
    desk.open_link(f"approve-{gate}-{world.FISCAL_YEAR}", "点此填写审批意见", "审批")
    state = desk.submit("审批", (("审批意见", "同意"), ("审批人", LEADER)), name)
    if state["type"] != "COMPLETED":
        raise RuntimeError(f"{gate}: {state['message']}")
    desk.press("推进年度工作")


def day_passes(desk: Desk, where: World, month: int, day: int) -> None:
    """The people of the county act, and the daily step runs."""
    clock.set_now(on(month, day))
    people.act(where, clock.today())
    desk.press("推进年度工作")


def collect(desk: Desk, where: World) -> None:
    for month, day in COLLECTING:
        day_passes(desk, where, month, day)
        if (month, day) == (4, 3):
            desk.look(f"progress-{world.FISCAL_YEAR}", "各项数量", "progress")
    desk.look(f"scores-{world.FISCAL_YEAR}", "待人工判定", "scores")


def judge(desk: Desk, where: World) -> None:
    """Dismiss a finding, then decide the lines that wait for a person, each from its link on the year's page."""
    desk.open("排除疑点")
    entries = desk.page.entries("疑点")
    if entries:
        code = entries[0].split()[1]
        fields = (("经办人", CLERK), ("部门", code), ("疑点", entries[0]), ("理由", "系四舍五入所致，经核对无误。"))
        if desk.submit("排除疑点", fields, "dismiss")["type"] != "COMPLETED":
            raise RuntimeError("the finding was not dismissed")
    while True:
        desk.look(f"progress-{world.FISCAL_YEAR}", "各项数量")
        desk.ready("人工判定")
        link = desk.page.value(
            "([...document.querySelectorAll('a')].find(e => e.innerText.startsWith('判定')) || {}).href"
        )
        if not link:
            return
        desk.page.ask("Page.navigate", url=link)
        desk.page.wait_for("Submit")
        time.sleep(1.5)
        code, rule = desk.page.chosen("部门").split()[0], desk.page.chosen("指标").split()[0]
        line = next(one for one in where.county.department(code).review if where.rule_ids[one.line] == rule)
        reason = line.reason or "核对佐证材料，与自评一致。"
        fields = (("经办人", CLERK), ("判定得分", str(line.score)), ("判定理由", reason))
        if desk.submit("人工判定", fields, "judge")["type"] != "COMPLETED":
            raise RuntimeError(f"{code} {rule} was not judged")
        desk.press("进度台账")


def spot_check(desk: Desk, where: World) -> None:
    clock.set_now(on(7, 1))
    desk.press("抽取", ("经办人", CLERK), ("随机种子", "清禾县-2025-7"), name="draw")
    sign(desk, "draw")
    day_passes(desk, where, 7, 11)
    day_passes(desk, where, 8, 31)
    desk.look(f"results-{world.FISCAL_YEAR}", "评价结果", "results")


def publish(desk: Desk) -> None:
    clock.set_now(on(10, 15))
    desk.press("拟办公开", ("经办人", CLERK), ("通报文号", "清财绩〔2026〕18号"))
    sign(desk, "publication")


def remediate(desk: Desk, where: World) -> None:
    """Follow the items; what departments claim to have done is verified from its link on the year's page."""
    for month, day in REMEDIATION:
        day_passes(desk, where, month, day)
        desk.ready("核实整改")
        while True:
            desk.look(f"progress-{world.FISCAL_YEAR}", "各项数量", "remediation" if month == 11 else "")
            link = desk.page.value(
                "([...document.querySelectorAll('a')].find(e => e.innerText.startsWith('核实')) || {}).href"
            )
            if not link:
                break
            desk.page.ask("Page.navigate", url=link)
            desk.page.wait_for("Submit")
            time.sleep(1.5)
            if desk.submit("核实整改", (("经办人", CLERK), ("核实通过", "✓")), "verify")["type"] != "COMPLETED":
                raise RuntimeError("the items were not verified")
            desk.press("推进年度工作")


@contextmanager
def office(home: Path) -> Iterator[tuple[str, World]]:
    """`jixiao up` in an empty folder, as a person starts it, with the county's mail server beside it."""
    home.mkdir(parents=True)
    port, people_of = server.free_port(), small_county()
    with catcher.catching(home / "mail" / "out") as smtp:
        found = world.configure(home, smtp, people_of)
        named = {name: value for name, value in os.environ.items() if name.startswith("JIXIAO_")}
        del named["JIXIAO_HOME"]
        named["JIXIAO_STAFF"] = "值守甲 <zhishou@qinghe.example>"
        (home / "jixiao.env").write_text("".join(f"{name}={value}\n" for name, value in named.items()), "utf-8")
        where = world.world_of(people_of, found)
        world.write_inputs(where, [])
        shell = {k: v for k, v in os.environ.items() if not k.startswith(("JIXIAO_", "PREFECT_"))}
        command = [sys.executable, "-m", "flows.cli", "up", "--home", str(home), "--port", str(port)]
        with (home / "up.log").open("wb") as log:
            started = subprocess.Popen(
                command, stdout=log, stderr=log, env=shell | {"PREFECT_WORKER_QUERY_SECONDS": "1"}
            )
        try:
            deadline = time.monotonic() + PATIENCE
            while "界面" not in (home / "up.log").read_text("utf-8"):
                if started.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((home / "up.log").read_text("utf-8"))
                time.sleep(0.5)
            yield f"http://127.0.0.1:{port}", where
        finally:
            started.terminate()
            started.wait(timeout=90)


def main(home: Path, pictures: Path | None) -> int:
    """Work through the year; 0 when it is closed."""
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
    with office(home.resolve()) as (base, where), browser() as page:
        print(f"{base}  {home}", flush=True)
        year_at_the_desk(Desk(page, base, pictures), where)
        with store.session() as db:
            state = lookup.cycle_of(db, world.FISCAL_YEAR).state
    print(state.label)
    return 0 if state is CycleState.CLOSED else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None))
