"""``jixiao up``: one command runs the office on this machine; it stops cleanly, survives its parts and comes back."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from office_kit import Office

from models.states import Decision, Gate
from tasks import settings
from tasks.practice import catcher, county, world

NOW = "2026-03-10T09:00:00+08:00"
CLERK, LEADER = "经办甲", "负责人乙"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    made = Office(tmp_path / "office")
    monkeypatch.setenv("JIXIAO_HOME", str(made.home))
    settings.current.cache_clear()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop()
    for pid in made.left():
        os.kill(pid, signal.SIGKILL)
    settings.current.cache_clear()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_clerk_issues_the_notice_through_the_forms_and_the_office_survives_its_parts(
    office: Office, tmp_path: Path
) -> None:
    where = world.world_of(county.load(3, 2025), settings.current())
    roster, figures = world.write_inputs(where, [])
    year = {"fiscal_year": world.FISCAL_YEAR}
    clerk = year | {"operator": CLERK}
    with catcher.catching(tmp_path / "letters") as port:
        office.configure(where.county, port)
        office.start(NOW)
        _opens_the_year(office, clerk, roster, figures)

        # Killed outright; its server and worker go on until the next start clears them away.
        office.stop(signal.SIGKILL)
        assert office.left()
        office.start(NOW)

        prepared = office.press("12 拟办通知", clerk | {"document_number": "清财绩〔2026〕5号"})
        assert prepared["type"] == "COMPLETED", prepared
        digest = prepared["message"].rpartition("摘要 ")[2].rstrip("。")
        decision = {"gate": Gate.NOTICE.label, "digest": digest, "decision": Decision.APPROVED.label}
        refused = office.press("01 审批", year | decision | {"approver": CLERK})
        assert refused["type"] == "FAILED" and "须由另一人审批" in refused["message"]
        approved = office.press("01 审批", year | decision | {"approver": LEADER})
        assert approved["type"] == "COMPLETED", approved

        # The server alone is killed: it is started again on the same port, with everything it knew.
        pid = json.loads((office.home / "prefect" / "server.json").read_text("utf-8"))["pid"]
        os.kill(pid, signal.SIGKILL)
        office.wait(lambda: _server(office) not in (None, pid))
        advanced = office.press("00 推进年度工作", year)
        assert advanced["type"] == "COMPLETED", advanced
        arrived = {letter.code for letter in catcher.letters(tmp_path / "letters") if letter.kind == "notice"}
        assert arrived == {d.code for d in where.county.departments}

        assert office.stop(signal.SIGINT) == 0
        assert office.left_after(10) == []


def _opens_the_year(office: Office, clerk: dict[str, object], roster: Path, figures: Path) -> None:
    early = office.press("00 推进年度工作", {})
    assert early["type"] == "COMPLETED" and early["name"] == "无需办理", early
    blank = office.press("10 建立年度评价工作", {"operator": CLERK})
    assert blank["type"] == "REFUSED" and "county" in blank["message"]
    opened = office.press(
        "10 建立年度评价工作",
        clerk
        | {"county": "清禾县", "bureau": "清禾县财政局", "office": "绩效评价股"}
        | {"ruleset": world.RULESET, "roster": str(roster)},
    )
    assert opened["type"] == "COMPLETED", opened
    imported = office.press("11 导入财政数据", clerk | {"workbook": str(figures)})
    assert imported["type"] == "COMPLETED", imported


def _server(office: Office) -> int | None:
    from tasks import server

    note = office.home / "prefect" / "server.json"
    return json.loads(note.read_text("utf-8"))["pid"] if note.exists() and server.healthy(office.api) else None
