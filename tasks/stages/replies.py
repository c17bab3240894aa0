"""Taking in remediation reports (登记整改报告): each row of a department's table moves the item it names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, col, select

from models.records import Cycle, Department, Receipt, ReceivedFile, RectificationItem
from models.states import ReceiptOutcome, RectificationState
from models.transitions import RECTIFICATION
from tasks import clock, filestore, lookup, settings, store
from tasks.reading import read_file
from tasks.stages import rectification
from tasks.writing.letters import RectificationFormView
from tasks.writing.letters import RectificationLine as FormLine
from tasks.writing.rectification_form import RectificationReplyLine, rows_from_document

# How the column 完成情况 begins when a department asks for more time.
EXTENSION_WORD = "申请延期"


def form_view(cycle: Cycle, department: Department, items: Sequence[RectificationItem]) -> RectificationFormView:
    """The reply form of a department (整改情况报告表)."""
    return RectificationFormView(
        fiscal_year=cycle.fiscal_year,
        code=department.code,
        department=department.name,
        bureau=cycle.bureau,
        items=tuple(FormLine(number=i.number, problem=i.problem, due_on=i.due_on) for i in items),
        reply_by=min(item.due_on for item in items),
        mailbox=settings.current().mail_from,
    )


def record(fiscal_year: int) -> int:
    """Take in every remediation report that was not looked at (登记整改报告); returns how many. Repeatable."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        waiting = [
            (receipt.id, _files(db, receipt))
            for receipt in db.exec(
                select(Receipt)
                .where(Receipt.cycle_id == cycle.id, Receipt.outcome == ReceiptOutcome.RECTIFICATION)
                .where(col(Receipt.handled_at).is_(None))
                .order_by(col(Receipt.id))
            )
        ]
    for receipt_id, files in waiting:
        # Reading takes its time; no transaction is open meanwhile.
        rows, problems = _read(files)
        with store.session() as db:
            receipt = db.get_one(Receipt, receipt_id)
            _apply(db, lookup.cycle_of(db, fiscal_year), receipt, rows, problems)
    return len(waiting)


def _files(db: Session, receipt: Receipt) -> list[tuple[str, str]]:
    found = db.exec(
        select(ReceivedFile).where(ReceivedFile.receipt_id == receipt.id).order_by(col(ReceivedFile.number))
    )
    return [(file.name, file.sha256) for file in found]


def _read(files: Sequence[tuple[str, str]]) -> tuple[list[RectificationReplyLine], list[str]]:
    rows: list[RectificationReplyLine] = []
    problems: list[str] = []
    for name, sha256 in files:
        reading = read_file(filestore.path_of(sha256), name=name)
        if reading.error is not None:
            problems.append(f"{name}：{reading.error.message}")
        for document in reading.documents:
            reply = rows_from_document(document)
            rows += reply.lines
            problems += [f"{name}：{problem}" for problem in reply.problems]
    return rows, problems


def _apply(
    db: Session, cycle: Cycle, receipt: Receipt, rows: Sequence[RectificationReplyLine], problems: Sequence[str]
) -> None:
    department = db.get_one(Department, receipt.department_id)
    submission, _ = lookup.submission_of(db, cycle, department.code)
    items = {item.number: item for item in rectification.items_of(db, submission)}
    unknown = [str(row.number) for row in rows if row.number not in items]
    for row in rows:
        if row.number in items:
            _take(db, cycle, department, items[row.number], row)
    doubts = list(problems) + ([f"没有序号为{'、'.join(unknown)}的整改事项"] if unknown else [])
    receipt.handled_at = clock.now()
    if doubts:
        waiting = [
            i for i in items.values() if i.state in rectification.WAITING and i.number not in {r.number for r in rows}
        ]
        told = [rectification.line(i).model_copy(update={"remark": "；".join(doubts)[:500]}) for i in waiting]
        if told:
            rectification.return_report(db, cycle, department, told)
    receipt.reason = (
        f"登记{len(rows) - len(unknown)}项"
        + (f"；{'；'.join(d.rstrip('。') for d in doubts)}" if doubts else "")
        + "。"
    )
    db.add(receipt)


def _take(
    db: Session, cycle: Cycle, department: Department, item: RectificationItem, row: RectificationReplyLine
) -> None:
    """One row of the report: a verified item is closed for good; a claim or plan is noted and moves the item."""
    if item.state is RectificationState.VERIFIED:
        return
    told = (item.measure, item.owner, item.progress, item.evidence)
    item.measure, item.owner = row.measure or item.measure, (row.owner or item.owner or "")[:60] or None
    item.progress, item.evidence = row.progress or item.progress, row.evidence or item.evidence
    item.asked_until = row.due_on or item.asked_until
    if (item.measure, item.owner, item.progress, item.evidence) != told:
        subject = f"{cycle.fiscal_year}/{department.code}/{item.number}"
        new = {"measure": item.measure, "progress": item.progress, "evidence": item.evidence}
        store.record(db, department.name, "item.reported", subject, None, new)
    wanted = RectificationState.CLAIMED_DONE if row.done else RectificationState.PLANNED
    if wanted in RECTIFICATION[item.state]:
        rectification.move(db, cycle, department, item, wanted, department.name)
    db.add(item)


def wishes_extension(item: RectificationItem) -> bool:
    """Whether a department asked for more time (是否申请延期) and nobody has answered: a clause that begins with the words."""
    clauses = re.split(r"[：:，,、；;。\s]", item.progress or "")
    return any(clause.startswith(EXTENSION_WORD) for clause in clauses) and item.state in (
        RectificationState.OPEN,
        RectificationState.PLANNED,
        RectificationState.RETURNED,
    )


def asked_until(item: RectificationItem) -> date | None:
    """Until when a department wants more time (申请延至何日): the due date its report names, if it is a later one."""
    return item.asked_until if item.asked_until is not None and item.asked_until > item.due_on else None
