"""More time for remediation, or not (答复整改延期申请): all of the items asked for or none, and a letter either way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, col, select

from models.records import AuditEvent, Cycle, Department, RectificationItem
from models.states import CycleState, LetterKind, RectificationState
from tasks import clock, lookup, store
from tasks.mail import compose
from tasks.mail.contexts import RectificationExtensionContext
from tasks.stages.rectification import WAITING, RectificationError, items_of, line, move

REFUSED = "item.extension_refused"


def answer(
    fiscal_year: int, code: str, numbers: Sequence[int], *, granted: bool, until: date, reason: str, who: str
) -> str:
    """Grant or refuse a department more time for items (答复整改延期申请), tell it either way, and return a sentence.

    ``until`` is the day that was asked for. The same extension again, and the same refusal on the same day, change nothing
    and write no letter. Raises RectificationError naming every item that does not exist, is claimed or closed, or whose day
    is not earlier than the one asked for; nothing is recorded then.
    """
    reason, who = reason.strip(), who.strip()
    if not reason or not who:
        raise RectificationError("答复整改延期申请必须填写经办人和理由。")
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        submission, department = lookup.submission_of(db, cycle, code)
        if cycle.state is not CycleState.RECTIFYING:
            raise RectificationError(f"年度处于“{cycle.state.label}”阶段，不在整改期间，不能答复整改延期申请。")
        chosen = _chosen(department, items_of(db, submission), numbers, until, granted=granted)
        if granted:
            open_ones = [item for item in chosen if not _extended_to(item, until)]
        else:
            open_ones = [
                item for item in chosen if not _refused_today(db, _subject(cycle, department, item), until, reason)
            ]
        for item in open_ones:
            if granted:
                _extend(db, cycle, department, item, until, reason, who)
            else:
                _refuse(db, cycle, department, item, until, reason, who)
        if open_ones:
            _tell(db, cycle, department, open_ones, granted=granted, until=until, reason=reason)
    return _sentence(department, chosen, open_ones, until, granted=granted)


def _sentence(
    department: Department,
    chosen: Sequence[RectificationItem],
    answered: Sequence[RectificationItem],
    until: date,
    *,
    granted: bool,
) -> str:
    told = "、".join(str(item.number) for item in answered or chosen)
    what = f"{department.name}第{told}项整改事项"
    if not answered:
        return f"{what}此前已作同样的答复，没有变化。"
    return f"{what}准予延期至{until}，答复函待发送。" if granted else f"{what}不同意延期，期限不变，答复函待发送。"


def _chosen(
    department: Department, items: list[RectificationItem], numbers: Sequence[int], until: date, *, granted: bool
) -> list[RectificationItem]:
    """The items the answer is about (答复对象), or RectificationError naming every one that cannot be answered so."""
    by_number = {item.number: item for item in items}
    numbers = list(dict.fromkeys(numbers))
    refused = [f"没有第{number}项整改事项，共{len(items)}项" for number in numbers if number not in by_number]
    chosen = [by_number[number] for number in numbers if number in by_number]
    for item in chosen:
        if granted and _extended_to(item, until):
            continue
        if item.state not in WAITING:
            refused.append(f"第{item.number}项为“{item.state.label}”，不能答复延期")
        elif until <= item.due_on:
            refused.append(f"第{item.number}项现期限为{item.due_on}，申请延至{until}并不更晚")
    if refused:
        raise RectificationError(f"{department.name}{'；'.join(refused)}。本次答复全部未登记。")
    return chosen


def _extended_to(item: RectificationItem, until: date) -> bool:
    return item.state is RectificationState.EXTENDED and item.due_on == until


def _subject(cycle: Cycle, department: Department, item: RectificationItem) -> str:
    return f"{cycle.fiscal_year}/{department.code}/{item.number}"


def _extend(
    db: Session, cycle: Cycle, department: Department, item: RectificationItem, until: date, reason: str, who: str
) -> None:
    old, item.due_on, item.asked_until = item.due_on, until, None
    move(db, cycle, department, item, RectificationState.EXTENDED, who)
    item.remark = f"准予延期至{until}：{reason}"
    new = {"due_on": until.isoformat(), "reason": reason}
    store.record(db, who, "item.extended", _subject(cycle, department, item), {"due_on": old.isoformat()}, new)


def _refuse(
    db: Session, cycle: Cycle, department: Department, item: RectificationItem, until: date, reason: str, who: str
) -> None:
    # What was asked for is answered; the department's own report stays in the ledger of what arrived.
    item.asked_until = None
    item.remark = f"不同意延期至{until}：{reason}"
    db.add(item)
    old = {"due_on": item.due_on.isoformat()}
    store.record(db, who, REFUSED, _subject(cycle, department, item), old, _refusal(until, reason))


def _refusal(until: date, reason: str) -> dict[str, str]:
    return {"until": until.isoformat(), "reason": reason}


def _refused_today(db: Session, subject: str, until: date, reason: str) -> bool:
    query = select(AuditEvent).where(AuditEvent.subject == subject, AuditEvent.what == REFUSED)
    last = db.exec(query.order_by(col(AuditEvent.number).desc())).first()
    return last is not None and last.new == _refusal(until, reason) and clock.local_date(last.at) == clock.today()


def _tell(
    db: Session,
    cycle: Cycle,
    department: Department,
    answered: Sequence[RectificationItem],
    *,
    granted: bool,
    until: date,
    reason: str,
) -> None:
    """The answer as a letter (整改延期答复), each under the next number."""
    number = 1
    while compose.find(db, compose.key_of(cycle, LetterKind.RECTIFICATION_EXTENSION, number, department.code)):
        number += 1
    compose.queue(
        db,
        cycle=cycle,
        kind=LetterKind.RECTIFICATION_EXTENSION,
        number=number,
        department=department,
        context=RectificationExtensionContext(
            granted=granted,
            # The reason stands once, above the items.
            items=tuple(line(item).model_copy(update={"remark": None}) for item in answered),
            requested_to=until,
            reason=reason,
        ),
    )
