"""Objections (申诉): everything a department objects to is acknowledged once, and listed with what a decision must name."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, select

from models.records import Cycle, Department, Objection, Receipt, ReceivedFile, Submission
from models.states import LetterKind, ObjectionState, Stage
from tasks import clock, lookup, store
from tasks.mail import compose
from tasks.mail.contexts import ObjectionReceivedContext
from tasks.stages.scoring import digest

WHO = "系统"


def receive(fiscal_year: int) -> list[dict[str, Any]]:
    """Acknowledge every objection that was not looked at (受理申诉); a row for each. Repeatable.

    One that came after the last day to object is kept and answered as late; it does not hold up the publication.
    """
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        dates = lookup.stage_dates(db, cycle)
        last = dates[Stage.OBJECT_BY].due_on if Stage.OBJECT_BY in dates else None
        return [
            _acknowledge(db, cycle, objection, department, last, dates[Stage.PUBLISH].due_on)
            for objection, _, department in of_year(db, cycle)
            if objection.state is ObjectionState.RECEIVED
            and db.get_one(Receipt, objection.receipt_id).handled_at is None
        ]


def of_year(db: Session, cycle: Cycle) -> list[tuple[Objection, Submission, Department]]:
    """All objections of a year (本年度申诉), oldest first."""
    query = (
        select(Objection, Submission, Department)
        .join(Submission, col(Submission.id) == col(Objection.submission_id))
        .join(Department, col(Department.id) == col(Submission.department_id))
        .where(Submission.cycle_id == cycle.id)
        .order_by(col(Objection.id))
    )
    return list(db.exec(query))


def _acknowledge(
    db: Session, cycle: Cycle, objection: Objection, department: Department, last: date | None, publish_on: date
) -> dict[str, Any]:
    receipt = db.get_one(Receipt, objection.receipt_id)
    late = last is not None and objection.received_on > last
    decide_by = publish_on - timedelta(days=1)
    context = ObjectionReceivedContext(
        received_on=objection.received_on,
        summary=objection.text,
        decide_by=decide_by if not late and decide_by >= clock.today() else None,
        late_after=last if late else None,
        files=_file_names(db, receipt),
    )
    compose.queue(
        db,
        cycle=cycle,
        kind=LetterKind.OBJECTION_RECEIVED,
        number=objection.id,
        department=department,
        context=context,
    )
    if late:
        objection.state = ObjectionState.LATE
        db.add(objection)
    receipt.handled_at = clock.now()
    receipt.reason = "申诉逾期，已告知。" if late else "申诉已受理。"
    db.add(receipt)
    subject = f"{cycle.fiscal_year}/{department.code}/{objection.id}"
    store.record(db, WHO, "objection.received", subject, None, {"state": str(objection.state)})
    return _row(db, objection, department)


def _file_names(db: Session, receipt: Receipt) -> tuple[str, ...]:
    files = select(ReceivedFile).where(ReceivedFile.receipt_id == receipt.id).order_by(col(ReceivedFile.number))
    return tuple(file.name for file in db.exec(files))


def listing(fiscal_year: int) -> list[dict[str, Any]]:
    """Every objection for the staff's table (申诉清单), with the digest that a decision has to name."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        return [_row(db, objection, department) for objection, _, department in of_year(db, cycle)]


def _row(db: Session, objection: Objection, department: Department) -> dict[str, Any]:
    return {
        "申诉编号": objection.id,
        "代码": department.code,
        "部门": department.name,
        "收到日期": objection.received_on,
        "状态": objection.state.label,
        "内容摘要": digest_of(db, objection)[:12],
        "申诉内容": objection.text,
        "附件": _file_names(db, db.get_one(Receipt, objection.receipt_id)),
        "处理人": objection.decided_by,
        "理由": objection.reason,
    }


def digest_of(db: Session, objection: Objection) -> str:
    """What a decision is about (申诉内容摘要): the words, the files and the result objected to."""
    files = db.exec(select(ReceivedFile.sha256).where(ReceivedFile.receipt_id == objection.receipt_id)).all()
    row = lookup.latest_outcome(db, db.get_one(Submission, objection.submission_id))
    return digest([objection.id, objection.text, sorted(files), row.digest if row else None])
