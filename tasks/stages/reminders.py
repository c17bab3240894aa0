"""Reminding the silent departments (催报): a ladder of dates before and after the deadline, then the leader in charge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session

from models import calendar, rules
from models.records import Cycle, Department, Submission
from models.rules.stages import CalendarPolicy
from models.states import CycleState, LetterKind, LetterState, SubmissionState
from tasks import clock, lookup, store
from tasks.mail import compose
from tasks.mail.contexts import EscalationContext, ExtensionContext, ReminderContext

WHO = "系统"
SILENT = (SubmissionState.AWAITED, SubmissionState.NEEDS_CORRECTION)


@dataclass(frozen=True)
class Rung:
    """One step of the ladder (催报阶梯的一级): its number and its date."""

    number: int
    day: date

    @property
    def letter_number(self) -> int:
        """The letter's number (函件序号): the date, so that an extension's new ladder makes new letters."""
        return int(self.day.strftime("%Y%m%d"))


def ladder(policy: CalendarPolicy, deadline: date) -> list[Rung]:
    """The dates on which silent departments are reminded (催报日期), earliest first."""
    days = [deadline - timedelta(days=n) for n in policy.reminders_before]
    days += [deadline + timedelta(days=n) for n in policy.reminders_after]
    return [Rung(number, day) for number, day in enumerate(sorted(set(days)), start=1)]


def remind(fiscal_year: int) -> list[dict[str, Any]]:
    """Compose every reminder that is due (拟发提醒). Repeatable; returns a row per new letter.

    When several rungs passed unnoticed (the service was down), the latest one speaks for them all: nobody gets two
    reminders on one day. The escalation is a letter of its own and is never swallowed.
    """
    today = clock.today()
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        if cycle.state is not CycleState.COLLECTING:
            return []
        policy = rules.load(cycle.ruleset_id).calendar
        silent = [(s, d) for s, d in lookup.submissions(db, cycle) if s.state in SILENT]
        return [row for s, d in silent for row in _remind_one(db, cycle, policy, s, d, today)]


def _remind_one(
    db: Session, cycle: Cycle, policy: CalendarPolicy, submission: Submission, department: Department, today: date
) -> Iterator[dict[str, Any]]:
    deadline = lookup.deadline_of(db, cycle, submission)
    due = [rung for rung in ladder(policy, deadline) if rung.day <= today]
    # A rung that came before the notice was out reminds nobody of anything.
    due = [rung for rung in due if rung.day > _told_on(db, cycle, department)]
    late = calendar.working_days_late(deadline, today)
    after_correction = submission.state is SubmissionState.NEEDS_CORRECTION
    if due and _new(db, cycle, department, LetterKind.REMINDER, due[-1].letter_number):
        context = ReminderContext(
            deadline=deadline,
            days_left=(deadline - today).days if today <= deadline else None,
            days_late=late if today > deadline else None,
            step=due[-1].number,
            extended=submission.extended_to is not None,
            after_correction=after_correction,
        )
        compose.queue(
            db,
            cycle=cycle,
            kind=LetterKind.REMINDER,
            number=due[-1].letter_number,
            department=department,
            context=context,
        )
        yield {
            "代码": department.code,
            "部门": department.name,
            "种类": LetterKind.REMINDER.label,
            "第几次": due[-1].number,
        }
    if late >= policy.escalation_working_days and _new(db, cycle, department, LetterKind.ESCALATION, 1):
        handler = lookup.contact_of(db, department)
        told = EscalationContext(
            deadline=deadline,
            days_late=late,
            reminded_on=tuple(rung.day for rung in due),
            handler=handler.name if handler else None,
            after_correction=after_correction,
        )
        compose.queue(db, cycle=cycle, kind=LetterKind.ESCALATION, department=department, context=told)
        yield {"代码": department.code, "部门": department.name, "种类": LetterKind.ESCALATION.label, "第几次": 1}


def _new(db: Session, cycle: Cycle, department: Department, kind: LetterKind, number: int) -> bool:
    return compose.find(db, compose.key_of(cycle, kind, number, department.code)) is None


def _told_on(db: Session, cycle: Cycle, department: Department) -> date:
    """The day the department's notice left, or the far past where it was told otherwise."""
    letter = compose.find(db, compose.key_of(cycle, LetterKind.NOTICE, 1, department.code))
    if letter is None or letter.state is not LetterState.SENT or letter.sent_at is None:
        return date.min
    return clock.local_date(letter.sent_at)


def extend(fiscal_year: int, code: str, until: date, reason: str, who: str) -> None:
    """Give one department until another day (准予延期) and tell it. The same extension again changes nothing.

    Raises ValueError when the day is not later than the deadline in force.
    """
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        submission, department = lookup.submission_of(db, cycle, code)
        before = lookup.deadline_of(db, cycle, submission)
        if submission.extended_to == until:
            return
        if until <= before:
            raise ValueError(f"延期日期{until}应晚于现在的截止日{before}。")
        submission.extended_to = until
        db.add(submission)
        store.record(
            db,
            who,
            "deadline.extended",
            f"{fiscal_year}/{code}",
            {"until": before.isoformat()},
            {"until": until.isoformat(), "reason": reason},
        )
        number = 1
        while not _new(db, cycle, department, LetterKind.EXTENSION, number):
            number += 1
        context = ExtensionContext(granted=True, deadline=until, reason=reason, requested_to=until)
        compose.queue(db, cycle=cycle, kind=LetterKind.EXTENSION, number=number, department=department, context=context)
