"""The dead-man check says what did not happen, once a day to everybody on duty, and nothing when all is well."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from flows import going_on
from flows.machine_forms import AlertForm
from flows.notify_staff import notify_staff
from models.records import Cycle, Letter
from models.states import CycleState, LetterKind, LetterState
from tasks import clock, settings, store, watching
from tasks.practice import county, world
from tasks.stages import alerts, cycle
from tasks.watching import HeldUp


@pytest.fixture
def opened(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[datetime]:
    """A year opened on a February morning, with two people on duty."""
    monkeypatch.setenv("JIXIAO_STAFF", "值守甲 <a@office.example>；b@office.example")
    monkeypatch.setenv("JIXIAO_MAIL_FROM", "jixiao@office.example")
    settings.current.cache_clear()
    moment = datetime(2026, 2, 10, 9, 0, tzinfo=settings.current().zone)
    with clock.fixed(moment):
        roster, _ = world.write_inputs(world.world_of(county.load(3, 2025), settings.current()), [])
        cycle.open_cycle(
            world.FISCAL_YEAR,
            county="清禾县",
            bureau="清禾县财政局",
            office="绩效评价股",
            ruleset_id=world.RULESET,
            roster=roster.read_bytes(),
            roster_name=roster.name,
            who="经办甲",
        )
        yield moment


def kinds(last: datetime | None) -> list[str]:
    return [alarm.kind for alarm in watching.alarms(last)]


def test_nothing_is_wrong_while_the_daily_run_is_recent(opened: datetime) -> None:
    allowed = timedelta(hours=settings.current().watch_hours)
    assert kinds(opened - allowed) == []
    assert kinds(opened - allowed - timedelta(minutes=1)) == ["silence"]


def test_a_daily_run_that_never_was_is_missed_from_the_opening_on(opened: datetime) -> None:
    assert kinds(None) == []
    with clock.fixed(opened + timedelta(days=2)):
        assert kinds(None) == ["silence"]


def test_an_overdue_stage_is_told_after_the_days_of_grace(opened: datetime) -> None:
    zone = settings.current().zone
    for day, expected in ((12, []), (13, ["overdue-2025-notice"])):
        moment = datetime(2026, 3, day, 9, 0, tzinfo=zone)
        with clock.fixed(moment):
            assert kinds(moment) == expected


def test_a_year_that_nobody_opened_and_an_old_one_still_open_are_told(opened: datetime) -> None:
    moment = opened.replace(year=2027)
    with clock.fixed(moment):
        assert "not-opened-2026" in kinds(moment)


def test_nobody_is_alarmed_before_the_first_year(home: Path) -> None:
    assert watching.alarms(None) == []
    assert alerts.alert("x", title="甲", what="乙", next_step="丙") == 0


def test_the_same_trouble_is_one_letter_a_day_for_each_person(opened: datetime) -> None:
    def tell(day: int) -> None:
        with clock.fixed(opened + timedelta(days=day)):
            assert alerts.alert("run/收取材料/Failed", title="甲", what="乙", next_step="丙") == 2

    for day in (0, 0, 1):
        tell(day)
    with store.session() as db:
        letters = db.exec(select(Letter).where(Letter.kind == LetterKind.STAFF_ALERT)).all()
    assert sorted(one.to_address for one in letters) == ["a@office.example"] * 2 + ["b@office.example"] * 2


def letter(key: str, composed: datetime, **other: object) -> Letter:
    with store.session() as db:
        cycle_id = db.exec(select(Cycle.id)).one()
    values: dict[str, object] = {
        "cycle_id": cycle_id,
        "key": key,
        "message_id": key,
        "kind": LetterKind.NOTICE,
        "to_name": "甲",
        "to_address": "a@b.example",
        "subject": "通知",
        "html": "",
        "text": "",
        "state": LetterState.APPROVED,
        "composed_at": composed,
    }
    return Letter(**values | other)


def test_only_letters_that_should_have_left_a_day_ago_are_told(opened: datetime) -> None:
    allowed = timedelta(hours=settings.current().watch_hours)
    old, young = opened - allowed - timedelta(minutes=1), opened - allowed + timedelta(minutes=1)
    harmless = [
        letter("young", young),
        letter("sent", old, state=LetterState.SENT),
        letter("for-later", old, not_before=opened + timedelta(hours=1)),
        letter("an-alert", old, kind=LetterKind.STAFF_ALERT),
    ]
    with store.session() as db:
        db.add_all(harmless)
    assert kinds(opened) == []
    with store.session() as db:
        db.add_all([letter("stuck-1", old), letter("stuck-2", old, not_before=old)])
    [alarm] = watching.alarms(opened)
    assert alarm.kind == "letters" and "2封" in alarm.what


def test_an_old_year_that_is_still_open_beside_a_newer_one_is_told_until_it_is_closed(opened: datetime) -> None:
    with store.session() as db:
        known = db.exec(select(Cycle)).one()
        shared = known.model_dump(exclude={"id", "fiscal_year", "state"})
        db.add(Cycle(**shared, fiscal_year=2024, state=CycleState.RECTIFYING))
    [alarm] = watching.alarms(opened)
    assert alarm.kind == "left-open-2024" and "整改中" in alarm.what
    with store.session() as db:
        old = db.exec(select(Cycle).where(Cycle.fiscal_year == 2024)).one()
        old.state = CycleState.CLOSED
        db.add(old)
    assert kinds(opened) == []


def test_runs_that_nobody_begins_are_one_alarm_and_only_after_the_minutes_allowed(opened: datetime) -> None:
    now = datetime.now(UTC)
    allowed = timedelta(minutes=settings.current().watch_late_minutes)
    assert watching.late([]) == []
    assert watching.late([("收取材料", now - allowed + timedelta(minutes=1))]) == []
    [alarm] = watching.late([("收取材料", now - allowed), ("发送函件", now)])
    assert "2次" in alarm.what and [name for name, _ in alarm.details] == ["收取材料", "发送函件"]


def test_only_steps_that_are_due_for_longer_than_allowed_are_told(home: Path) -> None:
    now, allowed = datetime.now(UTC), timedelta(hours=settings.current().watch_step_hours)
    assert not list(watching.held_up([HeldUp("发送函件", now - allowed + timedelta(minutes=1), 3)]))
    (alarm,) = watching.held_up([HeldUp("发送函件", now - allowed, 3), HeldUp("收取材料", now, 1)])
    assert alarm.kind == "held-up-发送函件" and "3次到点的运行被取消" in alarm.what
    assert "一直没有结束" not in alarm.what + alarm.next_step


def test_the_letter_about_a_run_that_was_cut_off_says_that_it_is_done_again_and_a_second_end_is_told_too(
    opened: datetime, prefect_harness: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(going_on, "again", {"first": "run-2", "second": None}.__getitem__)

    def told(run_id: str) -> list[str]:
        notify_staff(AlertForm(flow_name="评分", run_name="评分", run_id=run_id, state="Crashed"), return_state=True)
        with store.session() as db:
            letters = db.exec(select(Letter).where(Letter.kind == LetterKind.STAFF_ALERT)).all()
        return [one.text for one in letters if one.to_address == "b@office.example"]

    (letter,) = told("first")
    assert "系统已自动再办一次（运行编号 run-2）" in letter
    assert told("first") == [letter]
    _, again = told("second")
    assert "再次运行即可" in again and "已自动" not in again
