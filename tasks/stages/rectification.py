"""Following remediation (跟踪整改): problems become items, departments report, the bureau verifies and closes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, select

from models import calendar, rules
from models.facts import ReportFacts, Severity
from models.records import (
    Cycle,
    Department,
    FindingRecord,
    RectificationItem,
    Review,
    ReviewLine,
    Submission,
)
from models.states import CycleState, LetterKind, RectificationOrigin, RectificationState, Stage, SubmissionState
from models.transitions import RECTIFICATION, require
from tasks import clock, lookup, store
from tasks.mail import compose
from tasks.mail.contexts import (
    RectificationClosedContext,
    RectificationContext,
    RectificationLine,
    RectificationReminderContext,
    RectificationReturnedContext,
)
from tasks.stages import cycle as cycles
from tasks.stages import moves, replies
from tasks.writing.letters import write_rectification_form

WHO = "系统"
WAITING = (
    RectificationState.OPEN,
    RectificationState.PLANNED,
    RectificationState.RETURNED,
    RectificationState.EXTENDED,
)


class RectificationError(ValueError):
    """A step of remediation that cannot be taken (整改办理被拒绝); the message says why, in Chinese."""


def items_of(db: Session, submission: Submission) -> list[RectificationItem]:
    """A department's items (整改事项), by number."""
    return list(
        db.exec(
            select(RectificationItem)
            .where(RectificationItem.submission_id == submission.id)
            .order_by(col(RectificationItem.number))
        )
    )


def problems(db: Session, cycle: Cycle, submission: Submission) -> Iterator[tuple[RectificationOrigin, str]]:
    """What a department has to put right (需整改的问题): its own words, contradictions found, the review's deductions."""
    reading = lookup.latest_reading(db, submission.accepted_version_id or 0)
    if reading is not None and reading.facts is not None:
        for passage in ReportFacts.model_validate(reading.facts).problems:
            yield RectificationOrigin.REPORT, passage.text
        found = db.exec(
            select(FindingRecord)
            .where(FindingRecord.reading_id == reading.id, FindingRecord.severity == Severity.ERROR)
            .where(col(FindingRecord.dismissed_by).is_(None))
            .order_by(col(FindingRecord.number))
        )
        for finding in found:
            yield RectificationOrigin.FINDING, finding.message
    draw = lookup.latest_draw(db, cycle)
    if draw is not None:
        lines = db.exec(
            select(ReviewLine)
            .join(Review)
            .where(Review.draw_id == draw.id, Review.submission_id == submission.id)
            .order_by(col(ReviewLine.id))
        )
        labels = {rule.id: rule.label for rule in rules.load(cycle.ruleset_id).rules}
        for line in lines:
            if line.reason:
                yield RectificationOrigin.REVIEW, f"{labels[line.rule]}：{line.reason}"


def open_items(fiscal_year: int) -> int:
    """Open every item and send the remediation notices (下达整改通知), once; returns how many items are new."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        if cycle.state is not CycleState.PUBLISHED:
            return 0
        report_by = clock.today() + timedelta(days=rules.load(cycle.ruleset_id).calendar.rectify_days)
        cycles.set_stage_date(db, cycle, Stage.RECTIFY_BY, report_by, WHO)
        made = 0
        for submission, department in lookup.submissions(db, cycle):
            if submission.state is SubmissionState.ACCEPTED:
                made += _open_for(db, cycle, submission, department, report_by)
        moves.mark_done(db, cycle, Stage.RECTIFY)
        moves.move_cycle(db, cycle, CycleState.RECTIFYING, WHO)
        return made


def _open_for(db: Session, cycle: Cycle, submission: Submission, department: Department, report_by: date) -> int:
    known = {item.digest for item in items_of(db, submission)}
    number = len(known)
    for origin, text in problems(db, cycle, submission):
        digest = hashlib.sha256(f"{origin}|{text}".encode()).hexdigest()
        if digest in known:
            continue
        known.add(digest)
        number += 1
        db.add(
            RectificationItem(
                submission_id=submission.id,
                number=number,
                origin=origin,
                digest=digest,
                problem=text,
                due_on=report_by,
                opened_at=clock.now(),
            )
        )
        store.record(db, WHO, "item.opened", f"{cycle.fiscal_year}/{department.code}/{number}", None, {"problem": text})
    db.flush()
    items = items_of(db, submission)
    if items:
        form = write_rectification_form(replies.form_view(cycle, department, items))
        compose.queue(
            db,
            cycle=cycle,
            kind=LetterKind.RECTIFICATION,
            department=department,
            context=RectificationContext(items=tuple(map(line, items)), report_by=report_by),
            attachments=[(f"整改情况报告表-{department.code}-{department.name}.docx", form)],
        )
    return number


def line(item: RectificationItem) -> RectificationLine:
    """An item as letters show it (函件中的整改事项)."""
    return RectificationLine(
        number=item.number,
        problem=item.problem,
        due_on=item.due_on,
        origin=item.origin.label,
        state=item.state.told,
        remark=item.remark,
    )


def record_replies(fiscal_year: int) -> int:
    """Take in the departments' remediation reports (登记整改报告); returns how many."""
    return replies.record(fiscal_year)


def remind(fiscal_year: int) -> int:
    """Remind departments whose items are due and unanswered (整改提醒): on the due day and every ten days after."""
    today = clock.today()
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        if cycle.state is not CycleState.RECTIFYING:
            return 0
        return sum(_remind_one(db, cycle, s, d, today) for s, d in lookup.submissions(db, cycle))


def _remind_one(db: Session, cycle: Cycle, submission: Submission, department: Department, today: date) -> int:
    waiting = [item for item in items_of(db, submission) if item.state in WAITING and item.due_on <= today]
    if not waiting:
        return 0
    due = min(item.due_on for item in waiting)
    policy = rules.load(cycle.ruleset_id).calendar
    every = policy.rectify_reminder_days
    # After the last reminder the bureau's staff take over; the item stays on their list.
    step = min((today - due).days // every + 1, policy.rectify_reminders)
    if step < 1:
        return 0
    number = int((due + timedelta(days=(step - 1) * every)).strftime("%Y%m%d"))
    if compose.find(db, compose.key_of(cycle, LetterKind.RECTIFICATION_REMINDER, number, department.code)):
        return 0
    late = calendar.working_days_late(due, today)
    compose.queue(
        db,
        cycle=cycle,
        kind=LetterKind.RECTIFICATION_REMINDER,
        number=number,
        department=department,
        context=RectificationReminderContext(
            items=tuple(map(line, waiting)),
            report_by=due,
            days_left=0 if today == due else None,
            days_late=None if today == due else late,
            step=step,
        ),
    )
    return 1


def verify(fiscal_year: int, code: str, number: int, *, accepted: bool, remark: str, who: str) -> RectificationState:
    """Verify an item or send it back (核实整改). The same verdict again changes nothing.

    Raises RectificationError when there is no such item or nothing was claimed.
    """
    wanted = RectificationState.VERIFIED if accepted else RectificationState.RETURNED
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        submission, department = lookup.submission_of(db, cycle, code)
        items = items_of(db, submission)
        item = next((i for i in items if i.number == number), None)
        if item is None:
            raise RectificationError(f"{department.name}没有第{number}项整改事项，共{len(items)}项。")
        if item.state is wanted:
            return wanted
        if item.state is not RectificationState.CLAIMED_DONE:
            raise RectificationError(f"{department.name}第{number}项为“{item.state.label}”，报告完成后才能核实。")
        move(db, cycle, department, item, wanted, who, remark or None)
        if accepted:
            item.closed_at, item.closed_by = clock.now(), who
        _tell_verdict(db, cycle, department, items, item)
        return wanted


def extend(fiscal_year: int, code: str, number: int, until: date, reason: str, who: str) -> None:
    """Give an item more time (准予整改延期). The same extension again changes nothing.

    Raises RectificationError when there is no such item, it is claimed or closed, or the day is not later.
    """
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        submission, department = lookup.submission_of(db, cycle, code)
        item = next((i for i in items_of(db, submission) if i.number == number), None)
        if item is None:
            raise RectificationError(f"{department.name}没有第{number}项整改事项。")
        if item.state is RectificationState.EXTENDED and item.due_on == until:
            return
        if item.state not in WAITING or until <= item.due_on:
            raise RectificationError(
                f"{department.name}第{number}项为“{item.state.label}”，现期限{item.due_on}，不能延至{until}。"
            )
        old, item.due_on = item.due_on, until
        move(db, cycle, department, item, RectificationState.EXTENDED, who, f"准予延期至{until}：{reason}")
        subject = f"{fiscal_year}/{code}/{number}"
        store.record(db, who, "item.extended", subject, {"due_on": old.isoformat()}, {"due_on": until.isoformat()})


def move(
    db: Session,
    cycle: Cycle,
    department: Department,
    item: RectificationItem,
    new: RectificationState,
    who: str,
    remark: str | None = None,
) -> None:
    """Move an item on (整改事项流转), on the audit trail; nothing happens when it is there already."""
    if item.state is new:
        return
    old, item.state = item.state, require(RECTIFICATION, item.state, new)
    item.remark = remark or item.remark
    db.add(item)
    store.record(
        db,
        who,
        "item.moved",
        f"{cycle.fiscal_year}/{department.code}/{item.number}",
        {"state": str(old)},
        {"state": str(new), "remark": remark},
    )


def _tell_verdict(
    db: Session, cycle: Cycle, department: Department, items: list[RectificationItem], item: RectificationItem
) -> None:
    """A letter when an item goes back, and one when the last is closed; not one for every tick."""
    if item.state is RectificationState.RETURNED:
        return_report(db, cycle, department, [line(item)])
        return
    if all(i.state is RectificationState.VERIFIED for i in items):
        told = RectificationClosedContext(items=tuple(map(line, items)), closed_on=clock.today())
        compose.queue(db, cycle=cycle, kind=LetterKind.RECTIFICATION_CLOSED, department=department, context=told)


def return_report(db: Session, cycle: Cycle, department: Department, items: Sequence[RectificationLine]) -> None:
    """Send a remediation report back (整改退回): each line's remark says why."""
    number = 1
    while compose.find(db, compose.key_of(cycle, LetterKind.RECTIFICATION_RETURNED, number, department.code)):
        number += 1
    told = RectificationReturnedContext(
        items=tuple(items),
        received_on=clock.today(),
        report_by=max(clock.today(), *(item.due_on for item in items)),
    )
    compose.queue(
        db, cycle=cycle, kind=LetterKind.RECTIFICATION_RETURNED, number=number, department=department, context=told
    )


def rows(fiscal_year: int) -> list[dict[str, Any]]:
    """All items as a table (整改台账)."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        return [
            {
                "代码": department.code,
                "部门": department.name,
                "序号": item.number,
                "来源": item.origin.label,
                "问题": item.problem,
                "期限": item.due_on,
                "状态": item.state.label,
            }
            for submission, department in lookup.submissions(db, cycle)
            for item in items_of(db, submission)
        ]
