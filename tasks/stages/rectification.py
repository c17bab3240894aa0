"""Following remediation (跟踪整改): problems become items, departments report, the bureau verifies and closes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlmodel import Session, col, select

from models import calendar, rules
from models.records import (
    Cycle,
    Department,
    Letter,
    RectificationItem,
    Submission,
)
from models.states import CycleState, LetterKind, RectificationState
from models.transitions import RECTIFICATION, require
from tasks import clock, lookup, store
from tasks.mail import compose, delivery
from tasks.mail.contexts import (
    RectificationClosedContext,
    RectificationLine,
    RectificationReminderContext,
    RectificationReturnedContext,
)

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


def line(item: RectificationItem) -> RectificationLine:
    """An item as letters show it (函件中的整改事项)."""
    return RectificationLine(
        number=item.number,
        problem=item.problem,
        due_on=item.due_on,
        origin="，".join(
            [item.origin.label, item.severity.label] + ([f"{item.repeats}已经提出"] if item.repeats else [])
        ),
        requirement=f"提供佐证材料（{item.evidence_needed.rstrip('。')}）" if item.evidence_needed else None,
        state=item.state.told,
        remark=item.remark,
    )


def remind(fiscal_year: int) -> int:
    """Remind departments whose items are due and unanswered (整改提醒), in steps; the last letter goes to their leader."""
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
    # After the last reminder the leader in charge is written to, once; the item stays on the list of the bureau's staff.
    last = policy.rectify_reminders + 1
    step = min((today - due).days // every + 1, last)
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
        to_leader=step == last,
        context=RectificationReminderContext(
            items=tuple(map(line, waiting)),
            report_by=due,
            days_left=0 if today == due else None,
            days_late=None if today == due else late,
            step=step,
            escalated=step == last,
            reminded=_reminded(db, cycle, department),
        ),
    )
    if step == last:
        new = {"items": [item.number for item in waiting], "due_on": due.isoformat()}
        store.record(db, WHO, "items.escalated", f"{cycle.fiscal_year}/{department.code}", None, new)
    return 1


def _reminded(db: Session, cycle: Cycle, department: Department) -> bool:
    """Whether a remediation reminder has left and did not come back, or was brought (是否已提醒)."""
    query = select(Letter).where(
        Letter.cycle_id == cycle.id,
        Letter.department_id == department.id,
        Letter.kind == LetterKind.RECTIFICATION_REMINDER,
    )
    return bool(delivery.reached_on(db, [letter for letter in db.exec(query) if not delivery.came_back(letter)]))


def escalation_day(cycle: Cycle, due_on: date) -> date:
    """From when the leader in charge is written to about an item (督办起始日)."""
    policy = rules.load(cycle.ruleset_id).calendar
    return due_on + timedelta(days=policy.rectify_reminders * policy.rectify_reminder_days)


def verify(
    fiscal_year: int, code: str, numbers: int | Sequence[int], *, accepted: bool, remark: str, who: str
) -> RectificationState:
    """Verify items or send them back (核实整改), all of them or none. The same verdict again changes nothing.

    Raises RectificationError when one of the items does not exist or was not claimed; nothing is recorded then.
    """
    wanted = RectificationState.VERIFIED if accepted else RectificationState.RETURNED
    numbers = list(dict.fromkeys([numbers] if isinstance(numbers, int) else numbers))
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        submission, department = lookup.submission_of(db, cycle, code)
        items = items_of(db, submission)
        chosen = [item for item in _claimed(department, items, numbers, wanted) if item.state is not wanted]
        for item in chosen:
            move(db, cycle, department, item, wanted, who, remark or None)
            if accepted:
                item.closed_at, item.closed_by = clock.now(), who
        if chosen:
            _tell_verdict(db, cycle, department, items, chosen)
        return wanted


def _claimed(
    department: Department, items: list[RectificationItem], numbers: Sequence[int], wanted: RectificationState
) -> list[RectificationItem]:
    """The items a verdict is about (核实对象), or RectificationError naming every one that cannot be judged."""
    by_number = {item.number: item for item in items}
    refused = [f"没有第{number}项整改事项，共{len(items)}项" for number in numbers if number not in by_number]
    chosen = [by_number[number] for number in numbers if number in by_number]
    refused += [
        f"第{item.number}项为“{item.state.label}”，报告完成后才能核实"
        for item in chosen
        if item.state not in (wanted, RectificationState.CLAIMED_DONE)
    ]
    if refused:
        nothing = "" if len(numbers) == 1 else "本次核实全部未登记。"
        raise RectificationError(f"{department.name}{'；'.join(refused)}。{nothing}")
    return chosen


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
    # A closed item carries no old refusal into the closing letter; the audit trail keeps it.
    item.remark = remark if new is RectificationState.VERIFIED else remark or item.remark
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
    db: Session,
    cycle: Cycle,
    department: Department,
    items: list[RectificationItem],
    judged: Sequence[RectificationItem],
) -> None:
    """A letter when items go back, and one when the last is closed; not one for every tick."""
    returned = [item for item in judged if item.state is RectificationState.RETURNED]
    if returned:
        return_report(db, cycle, department, [line(item) for item in returned])
        return
    if not any(i.state in (*WAITING, RectificationState.CLAIMED_DONE) for i in items):
        done = [i for i in items if i.state is RectificationState.VERIFIED]
        told = RectificationClosedContext(
            items=tuple(map(line, done)), closed_on=clock.today(), remaining=len(items) - len(done)
        )
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
