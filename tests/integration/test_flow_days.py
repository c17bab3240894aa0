"""Collecting by the calendar: nothing is lost when days are missed, and what arrives is judged by when and what it is."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select
from year_kit import CLERK, SILENT, YEAR, Year, advance, audit_events, cycle, on, reset_settings, rows

from flows.advance_cycle import advance_cycle
from flows.forms import ExtensionForm
from flows.remind_departments import extend_deadline, remind_departments
from flows.score_submissions import score_submissions
from models.records import FindingRecord, OutcomeRecord, Reading, Receipt, SubmissionVersion
from models.states import CycleState, LetterKind, LetterState, ReceiptOutcome, SubmissionState
from tasks import lookup, settings, store
from tasks.practice import post
from tasks.practice.catcher import catching
from tasks.server import free_port
from tasks.stages import parsing
from tasks.stages.scoring import ScoringError


def _told(year: Year, kind: LetterKind, code: str = SILENT) -> list[int]:
    return sorted(letter.number for letter in year.letters(kind, code))


def _version(code: str, number: int) -> SubmissionVersion:
    with store.session() as db:
        submission, _ = lookup.submission_of(db, cycle(db), code)
        return lookup.versions(db, submission)[number - 1]


def _texts(year: Year, kind: LetterKind, code: str, number: int) -> str:
    return next(letter.text for letter in year.letters(kind, code) if letter.number == number)


@pytest.mark.parametrize(
    ("jump_to", "expected"),
    [
        (on(4, 16), [20260415]),
        (on(4, 26), [20260425]),
        (on(5, 2), [20260501]),
        (on(5, 10), [20260507]),
    ],
)
def test_a_jump_over_several_days_loses_no_reminder(year_at: Any, jump_to: Any, expected: list[int]) -> None:
    """Several rungs missed at once: the latest one speaks for all, and only one letter leaves that day."""
    year = year_at("corrected", on(4, 3))
    year.at(jump_to)
    advance_cycle(YEAR)
    assert _told(year, LetterKind.REMINDER) == expected
    assert [c.day for c in year.arrived(LetterKind.REMINDER) if c.code == SILENT] == [jump_to.date()]
    year.at(jump_to + timedelta(hours=5))
    advance_cycle(YEAR)
    assert _told(year, LetterKind.REMINDER) == expected


def test_every_rung_is_climbed_when_no_day_is_missed(year_at: Any) -> None:
    year = year_at("corrected", on(4, 3))
    for day in range(33):
        year.at(on(4, 10) + timedelta(days=day))
        remind_departments(YEAR)
    assert _told(year, LetterKind.REMINDER) == [
        20260415,
        20260425,
        20260429,
        20260430,
        20260501,
        20260503,
        20260507,
    ]
    assert _told(year, LetterKind.ESCALATION) == [1]
    assert _told(year, LetterKind.REMINDER, "108") == [], "who has sent material is left in peace"


def test_an_escalation_is_never_swallowed_by_a_jump(either_year_at: Any) -> None:
    """Back after the scoring date: the leader is still written to, once, before the department is closed out."""
    year = either_year_at("corrected", on(4, 3))
    year.at(on(5, 20))
    assert advance_cycle(YEAR, return_state=True).is_completed()
    assert [c.code for c in year.arrived(LetterKind.ESCALATION)] == ["111", "112"]
    leaders = {d.code: d.leader.address or d.contact.address for d in year.world.county.departments}
    assert {letter.to_address for letter in year.letters(LetterKind.ESCALATION)} == {leaders["111"], leaders["112"]}
    assert year.submission(SILENT).state is SubmissionState.NOT_SUBMITTED


def test_who_got_an_extension_is_reminded_by_the_new_date(year_at: Any) -> None:
    year = year_at("corrected", on(4, 20))
    until = date(2026, 5, 12)
    form = {"fiscal_year": YEAR.fiscal_year, "department": SILENT, "reason": "人员调整。", "operator": CLERK}
    extend_deadline(ExtensionForm(**form, until=until))
    advance_cycle(YEAR)
    assert f"{until:%Y年}{until.month}月{until.day}日" in _texts(year, LetterKind.EXTENSION, SILENT, 1)
    before = _told(year, LetterKind.REMINDER)
    year.at(on(5, 8))
    advance_cycle(YEAR)
    assert set(_told(year, LetterKind.REMINDER)) - set(before) == {20260507}
    assert _told(year, LetterKind.ESCALATION) == []
    with pytest.raises(ValueError, match="应晚于现在的截止日"):
        extend_deadline(ExtensionForm(**form, until=date(2026, 5, 1)))


def test_a_late_report_is_counted_in_working_days(either_year_at: Any) -> None:
    """Eight days after a deadline on 30 April, with the holiday in between: three working days late, and taken in."""
    year = either_year_at("late_in", on(5, 11))
    version = _version("112", 1)
    assert (version.received_on, version.days_late) == (date(2026, 5, 8), 3)
    assert year.submission("112").state is SubmissionState.ACCEPTED
    assert _version("108", 1).days_late == 0


def test_the_wrong_year_is_returned_and_the_corrected_report_accepted(either_year_at: Any) -> None:
    year = either_year_at("returned", on(3, 27))
    assert year.submission("105").state is SubmissionState.NEEDS_CORRECTION
    text = _texts(year, LetterKind.CORRECTION, "105", 1)
    assert "2024年度" in text and "请报送2025年度的自评材料" in text
    advance(year, on(4, 3))
    submission = year.submission("105")
    assert submission.state is SubmissionState.ACCEPTED
    assert submission.accepted_version_id == _version("105", 2).id
    assert len(year.arrived(LetterKind.RECEIPT)) >= 1


def test_the_forbidden_line_is_a_finding_that_is_kept(either_year_at: Any) -> None:
    year = either_year_at("corrected", on(4, 3))
    with store.session() as db:
        reading = lookup.latest_reading(db, year.submission("109").accepted_version_id or 0)
        assert reading is not None
        found = db.exec(select(FindingRecord).where(FindingRecord.reading_id == reading.id)).all()
    forbidden = [f for f in found if "自评准确" in f.message]
    assert forbidden, [f.message for f in found]
    assert forbidden[0].places, "a finding shows where it stands"
    assert "自评准确" in _texts(year, LetterKind.RECEIPT, "109", 1)


def test_the_receipt_for_a_better_version_lists_what_changed(year_at: Any) -> None:
    year = year_at("corrected", on(4, 3))
    assert _version("108", 2).number == 2
    first, second = (_texts(year, LetterKind.RECEIPT, "108", n) for n in (1, 2))
    assert "自评总得分 | 81.85 | → 79.85" in second
    assert "“目标实现” 自评得分 | 10 | → 8" in second
    assert "81.70公里 | → 79.12公里" in second
    assert "→" not in first
    assert year.submission("108").accepted_version_id == _version("108", 2).id


def test_who_has_sent_nothing_by_the_scoring_date_has_not_submitted(either_year_at: Any) -> None:
    year = either_year_at("late_in", on(5, 14))
    advance_cycle(YEAR)
    assert year.state() is CycleState.COLLECTING, "not a day early"
    year.at(on(5, 15))
    advance_cycle(YEAR)
    assert year.state() is CycleState.SCORING
    assert year.submission(SILENT).state is SubmissionState.NOT_SUBMITTED
    with store.session() as db:
        assert db.exec(select(OutcomeRecord)).all() == []


def test_material_that_comes_after_scoring_began_waits_for_a_person(year_at: Any) -> None:
    year = year_at("scored", on(5, 18))
    late = year.home / "late.docx"
    sent = next((year.home / "practice" / "108" / "attempt-1").glob("*.docx"))
    late.write_bytes(sent.read_bytes() + b"\0")
    _mail(year, SILENT, "late", [late])
    advance_cycle(YEAR)
    assert year.submission(SILENT).state is SubmissionState.NOT_SUBMITTED
    with store.session() as db:
        last = db.exec(select(Receipt).order_by(Receipt.id.desc())).first()  # type: ignore[attr-defined]
    assert last is not None
    assert last.outcome is ReceiptOutcome.QUARANTINED
    assert "评分已开始" in (last.reason or "")


def test_material_that_could_not_be_read_keeps_scoring_waiting(year_at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault while reading on the last day must not cost a department its place in the evaluation."""
    year = year_at("corrected", on(5, 15))
    sent = next((year.home / "practice" / "108" / "attempt-1").glob("*.docx"))
    _mail(year, SILENT, "last-day", [sent])

    def broken(_: Any) -> Any:
        raise OSError("磁盘已满")

    with monkeypatch.context() as fault:
        fault.setattr(parsing, "read_version", broken)
        state = advance_cycle(YEAR, return_state=True)
    assert year.submission(SILENT).state is SubmissionState.RECEIVED
    assert year.state() is CycleState.COLLECTING
    assert state.is_failed()
    assert "尚未审读" in (state.message or "")
    advance_cycle(YEAR)
    assert year.state() is CycleState.SCORING
    assert year.submission(SILENT).state is not SubmissionState.RECEIVED


def test_a_mail_server_that_does_not_answer_holds_up_nothing_else(either_year_at: Any) -> None:
    year = either_year_at("collecting", on(3, 27))
    reached = settings.current().smtp_port
    reset_settings(SMTP_PORT=str(free_port()))
    events = audit_events()
    state = _advance_with_people(year)
    assert state.is_failed()
    assert "发送函件" in (state.message or "")
    assert year.submission("108").state is SubmissionState.ACCEPTED, "the other steps went on"
    assert year.submission("105").state is SubmissionState.NEEDS_CORRECTION
    waiting = year.letters(LetterKind.RECEIPT) + year.letters(LetterKind.CORRECTION)
    assert {letter.state for letter in waiting} == {LetterState.APPROVED}
    assert audit_events() > events
    reset_settings(SMTP_PORT=str(reached))
    assert advance_cycle(YEAR, return_state=True).is_completed()
    assert {letter.state for letter in year.letters(LetterKind.CORRECTION)} == {LetterState.SENT}
    keys = [c.key for c in year.arrived()]
    assert len(keys) == len(set(keys)), "each letter once"


def test_no_mail_server_is_said_in_a_sentence_and_loses_nothing(year_at: Any) -> None:
    year = year_at("notice_approved", on(3, 10))
    reset_settings(SMTP_HOST="")
    state = advance_cycle(YEAR, return_state=True)
    assert state.is_failed()
    assert "JIXIAO_SMTP_HOST" in (state.message or "")
    assert year.state() is CycleState.ISSUED
    with catching(year.home / "mail" / "out") as port:
        reset_settings(SMTP_HOST="127.0.0.1", SMTP_PORT=str(port))
        assert advance_cycle(YEAR, return_state=True).is_completed()
    assert year.state() is CycleState.COLLECTING


def test_no_reviewers_is_said_in_a_sentence_and_the_draw_waits(year_at: Any) -> None:
    from year_kit import decide

    from models.states import Gate

    year = year_at("drawn", on(7, 1))
    people = settings.current().reviewers
    decide(Gate.DRAW)
    reset_settings(REVIEWERS="")
    state = advance_cycle(YEAR, return_state=True)
    assert state.is_failed()
    assert "JIXIAO_REVIEWERS" in (state.message or "")
    assert year.state() is CycleState.SCORING
    assert year.letters(LetterKind.DRAWN) == []
    reset_settings(REVIEWERS=people)
    assert advance_cycle(YEAR, return_state=True).is_completed()
    assert year.state() is CycleState.SPOT_CHECKING


def test_scoring_before_its_date_is_refused_because_it_would_close_the_intake(either_year_at: Any) -> None:
    year = either_year_at("corrected", on(4, 3))
    before = rows()
    with pytest.raises(ScoringError, match="2026-05-15"):
        score_submissions(YEAR)
    assert rows() == before
    assert year.state() is CycleState.COLLECTING


def test_one_reading_that_fails_leaves_the_others(year_at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    year = year_at("collecting", on(4, 3))
    read = parsing.read_version

    def flaky(files: Any) -> Any:
        if any("水利" in f.name or "水务" in f.name for f in files):
            raise OSError("磁盘已满")
        return read(files)

    monkeypatch.setattr(parsing, "read_version", flaky)
    state = _advance_with_people(year)
    assert state.is_completed()
    assert year.submission("109").state is SubmissionState.ACCEPTED
    with store.session() as db:
        assert len(db.exec(select(Reading)).all()) >= 2


def test_scoring_twice_makes_one_card_each(year_at: Any) -> None:
    from models.records import ScoreCardRecord

    year_at("scored", on(5, 20))
    score_submissions(YEAR)
    with store.session() as db:
        assert {card.number for card in db.exec(select(ScoreCardRecord))} == {1}


def _mail(year: Year, code: str, key: str, files: list[Path]) -> None:
    department = year.world.county.department(code)
    assert department.contact.address is not None
    assert post.mail_in(
        settings.current().mailbox_folder,
        f"2025.{code}.{key}",
        sender=(department.contact.name, department.contact.address),
        to=settings.current().mail_from,
        subject=f"【绩效2025-{code}】报送材料",
        text="请查收。",
        files=files,
    )


def _advance_with_people(year: Year) -> Any:
    from tasks import clock
    from tasks.practice import people

    people.act(year.world, clock.today())
    return advance_cycle(YEAR, return_state=True)
