"""Who was returned for correction is left in peace until its own day, and reminded by that day afterwards."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from year_kit import CLERK, SILENT, YEAR, Year, cycle, on

from flows.forms import ExtensionForm
from flows.remind_departments import extend_deadline, remind_departments
from flows.send_outbox import send_outbox
from models.states import Decision, LetterKind, Stage
from tasks import store
from tasks.stages import agenda_days
from tasks.stages.cycle import set_stage_date

RETURNED = "105"


def told(year: Year, kind: LetterKind, code: str) -> list[int]:
    return sorted(letter.number for letter in year.letters(kind, code))


def move_deadline(day: date) -> None:
    with store.session() as db:
        set_stage_date(db, cycle(db), Stage.SUBMIT_BY, day, CLERK)


def test_a_reminder_never_comes_with_the_letter_that_gives_a_later_day(year_at: Any) -> None:
    """The general ladder has a rung on the day of the return; only who sent nothing is reminded."""
    year = year_at("returned", on(3, 27))
    move_deadline(date(2026, 4, 1))
    assert year.submission(RETURNED).correct_by == date(2026, 4, 3)
    for day in range(7):
        year.at(on(3, 27) + timedelta(days=day))
        remind_departments(YEAR)
    assert told(year, LetterKind.REMINDER, SILENT) == [20260327, 20260331, 20260401, 20260402]
    assert told(year, LetterKind.REMINDER, RETURNED) == []


def test_the_ladder_then_runs_for_the_day_of_correction_and_the_leader_waits_for_both_days(year_at: Any) -> None:
    year = year_at("returned", on(3, 27))
    assert date(2026, 4, 3) in agenda_days.coming(YEAR.fiscal_year, date(2026, 4, 2))
    for day in (date(2026, 4, 2), date(2026, 4, 3), date(2026, 4, 7), date(2026, 4, 10), date(2026, 4, 29)):
        year.at(on(day.month, day.day))
        remind_departments(YEAR)
    send_outbox(YEAR)
    # On 7 April the rungs of the 4th and the 6th are overdue: the later one speaks for both.
    assert told(year, LetterKind.REMINDER, RETURNED) == [20260403, 20260406, 20260410]
    first, *_ = year.letters(LetterKind.REMINDER, RETURNED)
    assert "修改后的自评材料" in first.text and "2026年4月3日" in first.text and "今天" in first.text
    year.at(on(5, 7))
    remind_departments(YEAR)
    assert told(year, LetterKind.ESCALATION, RETURNED) == []
    year.at(on(5, 13))
    remind_departments(YEAR)
    [escalation] = year.letters(LetterKind.ESCALATION, RETURNED)
    assert "2026年4月30日" in escalation.text
    assert "已于2026年4月29日提醒" in escalation.text.replace(" ", ""), "the day the reminders left, not the days due"


def test_a_shorter_time_for_the_correction_alone_can_be_granted_and_a_refusal_names_the_day_that_holds(
    year_at: Any,
) -> None:
    year = year_at("returned", on(3, 28))
    form = {"fiscal_year": YEAR.fiscal_year, "department": RETURNED, "reason": "人员调整。", "operator": CLERK}
    extend_deadline(ExtensionForm(**form, decision=Decision.REFUSED, until=date(2026, 4, 20)))
    assert "2026年4月3日" in year.letters(LetterKind.EXTENSION, RETURNED)[-1].text
    granted = ExtensionForm(**form, until=date(2026, 4, 10))
    extend_deadline(granted)
    extend_deadline(granted)
    submission = year.submission(RETURNED)
    assert (submission.correct_by, submission.extended_to) == (date(2026, 4, 10), None)
    assert len(year.letters(LetterKind.EXTENSION, RETURNED)) == 2


def test_more_time_for_the_correction_moves_its_ladder(year_at: Any) -> None:
    year = year_at("returned", on(4, 2))
    until = date(2026, 5, 8)
    extend_deadline(
        ExtensionForm(
            fiscal_year=YEAR.fiscal_year, department=RETURNED, until=until, reason="人员调整。", operator=CLERK
        )
    )
    for day in (on(4, 3), on(4, 15), on(5, 7)):
        year.at(day)
        remind_departments(YEAR)
    assert told(year, LetterKind.REMINDER, RETURNED) == []
    year.at(on(5, 8))
    remind_departments(YEAR)
    [letter] = year.letters(LetterKind.REMINDER, RETURNED)
    assert "已批准延期" in letter.text
