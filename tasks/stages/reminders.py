"""Reminding the silent departments (催报): a ladder of dates before and after the deadline, then the leader in charge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, select

from models import calendar, rules
from models.records import AuditEvent, Cycle, Department, Letter, Submission
from models.rules.stages import CalendarPolicy
from models.states import CycleState, LetterKind, Stage, SubmissionState
from tasks import clock, lookup, store
from tasks.mail import compose, delivery
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


@dataclass(frozen=True)
class Duty:
    """What a silent department owes and when it is reminded (催报依据).

    ``deadline`` is the day its letters name, ``rungs`` the days on which it is reminded, ``overdue_after`` the day from
    which the leader's working days are counted: never before the general deadline has passed as well.
    """

    deadline: date
    rungs: tuple[Rung, ...]
    overdue_after: date


def duty(db: Session, cycle: Cycle, policy: CalendarPolicy, submission: Submission) -> Duty:
    """The dates that hold for one silent department (部门的催报日期).

    Who was returned for correction has its own day to correct by: it is left in peace until then, and the ladder after
    the deadline runs from that day. An extension to a later day moves it.
    """
    general = lookup.deadline_of(db, cycle, submission)
    if submission.state is not SubmissionState.NEEDS_CORRECTION or submission.correct_by is None:
        return Duty(general, tuple(ladder(policy, general)), general)
    until = max(submission.correct_by, submission.extended_to or submission.correct_by)
    days = sorted({until + timedelta(days=n) for n in (0, *policy.reminders_after)})
    return Duty(until, tuple(Rung(number, day) for number, day in enumerate(days, start=1)), max(until, general))


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
        return [row for s, d in silent for row in _remind_or_say(db, cycle, policy, s, d, today)]


def _remind_or_say(
    db: Session, cycle: Cycle, policy: CalendarPolicy, submission: Submission, department: Department, today: date
) -> list[dict[str, Any]]:
    """One department's reminders; one that cannot be written to is named and does not keep the others from theirs."""
    rows: list[dict[str, Any]] = []
    try:
        rows += _remind_one(db, cycle, policy, submission, department, today)
    except compose.ComposeError as error:
        rows.append({"代码": department.code, "部门": department.name, "种类": f"未能拟发：{error}", "第几次": None})
    return rows


def _remind_one(
    db: Session, cycle: Cycle, policy: CalendarPolicy, submission: Submission, department: Department, today: date
) -> Iterator[dict[str, Any]]:
    owed = duty(db, cycle, policy, submission)
    deadline = owed.deadline
    # A rung that came before the notice was out reminds nobody of anything.
    told_on = _told_on(db, cycle, department)
    due = [rung for rung in owed.rungs if told_on < rung.day <= today]
    late = calendar.working_days_late(deadline, today)
    overdue = calendar.working_days_late(owed.overdue_after, today)
    after_correction = submission.state is SubmissionState.NEEDS_CORRECTION
    if due and _new(db, cycle, department, LetterKind.REMINDER, due[-1].letter_number):
        context = ReminderContext(
            deadline=deadline,
            days_left=(deadline - today).days if today <= deadline else None,
            days_late=late if today > deadline else None,
            step=due[-1].number,
            extended=submission.extended_to == deadline,
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
    if overdue >= policy.escalation_working_days and _new(db, cycle, department, LetterKind.ESCALATION, 1):
        handler = lookup.contact_of(db, department)
        told = EscalationContext(
            deadline=owed.overdue_after,
            days_late=overdue,
            reminded_on=_reminded_on(db, cycle, department),
            handler=handler.name if handler else None,
            after_correction=after_correction,
        )
        compose.queue(db, cycle=cycle, kind=LetterKind.ESCALATION, department=department, context=told)
        yield {"代码": department.code, "部门": department.name, "种类": LetterKind.ESCALATION.label, "第几次": 1}


def _new(db: Session, cycle: Cycle, department: Department, kind: LetterKind, number: int) -> bool:
    return compose.find(db, compose.key_of(cycle, kind, number, department.code)) is None


def _told_on(db: Session, cycle: Cycle, department: Department) -> date:
    """The day the department first had its notice (通知送达日期), or the far past where nobody knows."""
    own = _letters(db, cycle, department, LetterKind.NOTICE)
    days = delivery.reached_on(db, [letter for letter in own if not delivery.came_back(letter)])
    return min((days or delivery.reached_on(db, own)).values(), default=date.min)


def _reminded_on(db: Session, cycle: Cycle, department: Department) -> tuple[date, ...]:
    """The days on which reminders really went out (已提醒日期), not when they were due, and none that came back."""
    own = _letters(db, cycle, department, LetterKind.REMINDER)
    days = delivery.reached_on(db, [letter for letter in own if not delivery.came_back(letter)])
    return tuple(sorted(set(days.values())))


def _letters(db: Session, cycle: Cycle, department: Department, kind: LetterKind) -> list[Letter]:
    query = select(Letter).where(
        Letter.cycle_id == cycle.id, Letter.department_id == department.id, Letter.kind == kind
    )
    return list(db.exec(query))


def answer_extension(fiscal_year: int, code: str, *, granted: bool, until: date, reason: str, who: str) -> str:
    """Grant or refuse a department more time (答复延期申请), tell it either way, and return a sentence.

    ``until`` is the day it asked for; who was returned for correction gets more time for that. The same answer on the same
    day again changes nothing. Raises ValueError without a reason, when the collection is over, or when the day is not
    between the deadline in force and the scoring date.
    """
    reason, who = reason.strip(), who.strip()
    if not reason or not who:
        raise ValueError("答复延期申请必须填写经办人和理由。")
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        if cycle.state not in (CycleState.ISSUED, CycleState.COLLECTING):
            raise ValueError(f"年度处于“{cycle.state.label}”阶段，不在收件期间，不能答复延期申请。")
        submission, department = lookup.submission_of(db, cycle, code)
        before = duty(db, cycle, rules.load(cycle.ruleset_id).calendar, submission).deadline
        if granted and until == before:
            return f"{department.name}的期限已是{until}，没有变化。"
        if granted:
            _check_extension(db, cycle, before, until)
            _extend(submission, until, lookup.deadline_of(db, cycle, submission))
            db.add(submission)
        what = "deadline.extended" if granted else "deadline.kept"
        subject, new = f"{fiscal_year}/{code}", {"until": until.isoformat(), "reason": reason}
        if not granted and _said_today(db, subject, what, new):
            return f"{department.name}的延期申请今天已答复不同意。"
        store.record(db, who, what, subject, {"until": before.isoformat()}, new)
        number = 1
        while not _new(db, cycle, department, LetterKind.EXTENSION, number):
            number += 1
        context = ExtensionContext(
            granted=granted, deadline=until if granted else before, reason=reason, requested_to=until
        )
        compose.queue(db, cycle=cycle, kind=LetterKind.EXTENSION, number=number, department=department, context=context)
        return (
            f"已准予{department.name}延期至{until}。"
            if granted
            else f"不同意{department.name}延期，截止日仍为{before}。"
        )


def _extend(submission: Submission, until: date, general: date) -> None:
    """More time for the correction where that is enough (延长改正期限), else a later day than the general one."""
    if submission.correct_by is not None and until <= general:
        submission.correct_by = until
    else:
        submission.extended_to = until


def _check_extension(db: Session, cycle: Cycle, before: date, until: date) -> None:
    scoring = lookup.stage_dates(db, cycle)[Stage.SCORING].due_on
    if until <= before:
        raise ValueError(f"延期日期{until}应晚于现在的截止日{before}。")
    if until >= scoring:
        raise ValueError(f"延期日期{until}应早于评分日{scoring}，评分开始后不再接收材料。")


def _said_today(db: Session, subject: str, what: str, new: dict[str, str]) -> bool:
    query = select(AuditEvent).where(AuditEvent.subject == subject, AuditEvent.what == what)
    last = db.exec(query.order_by(col(AuditEvent.number).desc())).first()
    return last is not None and last.new == new and clock.local_date(last.at) == clock.today()
