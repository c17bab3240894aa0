"""What becomes of a delivery (来件处理), each in one transaction: a version, a duplicate, a review ..., or quarantine."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from models import calendar, transitions
from models.records import (
    Cycle,
    Department,
    Objection,
    Receipt,
    ReceivedFile,
    StageDate,
    Submission,
    SubmissionVersion,
)
from models.states import CycleState, ReceiptOutcome, Stage, SubmissionState
from tasks import clock, store
from tasks.intake import answers
from tasks.intake.identify import Identified
from tasks.intake.ledger import complete_at
from tasks.mail.token import Purpose

OPEN_FOR_MATERIAL = (CycleState.ISSUED, CycleState.COLLECTING)
_OUTCOMES = {
    Purpose.MATERIAL: ReceiptOutcome.SUBMISSION,
    Purpose.REVIEW: ReceiptOutcome.REVIEW,
    Purpose.RECTIFICATION: ReceiptOutcome.RECTIFICATION,
    Purpose.OBJECTION: ReceiptOutcome.OBJECTION,
}
_AFTER_ARRIVAL = {SubmissionState.AWAITED: SubmissionState.RECEIVED}


@dataclass(frozen=True)
class Kept:
    """A document already in the file store (已存文件)."""

    receipt_id: int
    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Settled:
    """What became of a group of receipts (处理结果)."""

    outcome: ReceiptOutcome
    receipt_ids: tuple[int, ...]
    version_id: int | None = None


class RefusedError(Exception):
    """A delivery that must wait for a person (需人工处理); the message is the reason. The transaction is rolled back."""


def digest_of(kept: list[Kept]) -> str:
    """The digest over a delivery's files (材料摘要): their contents in any order, names do not count."""
    return hashlib.sha256("\n".join(sorted(k.sha256 for k in kept)).encode()).hexdigest()


def entered_as(db: Session, receipts: list[Receipt], identified: Identified) -> answers.Entered:
    """Look up what an identified delivery belongs to (归属)."""
    cycle = db.exec(select(Cycle).where(Cycle.id == receipts[0].cycle_id)).one()
    department = db.exec(select(Department).where(Department.id == identified.department_id)).one()
    for receipt in receipts:
        receipt.department_id = department.id
        receipt.identified_by = receipt.identified_by or identified.by
    on = clock.local_date(complete_at(receipts))
    return answers.Entered(cycle, department, receipts[0], on, identified.purpose)


def accept(
    db: Session,
    receipts: list[Receipt],
    identified: Identified,
    kept: list[Kept],
    files: list[int],
    note: str | None,
    text: str,
) -> Settled:
    """Enter an identified delivery (登记来件). Raises RefusedError when the year or the department does not allow it.

    ``files`` are the ids of the rows of ``kept``.
    """
    entered = entered_as(db, receipts, identified)
    cycle, department = entered.cycle, entered.department
    query = select(Submission).where(Submission.cycle_id == cycle.id, Submission.department_id == department.id)
    # Two deliveries of one department take turns, so that their versions get different numbers.
    submission = db.exec(query.with_for_update()).first()
    if submission is None:
        raise RefusedError(f"{department.name}在{cycle.fiscal_year}年度没有报送任务，请核对名册和通知是否已印发")
    if identified.purpose is Purpose.MATERIAL:
        outcome, version_id = _material(db, entered, submission, kept, files)
        return mark(db, receipts, outcome, note, version_id)
    return mark(db, receipts, _other(db, entered, submission, receipts, kept, text), note)


def mark(
    db: Session, receipts: list[Receipt], outcome: ReceiptOutcome, reason: str | None, version_id: int | None = None
) -> Settled:
    """Write the outcome of a group of receipts (记录处理结果), with its audit events."""
    for receipt in receipts:
        receipt.outcome = outcome
        receipt.reason = reason
        db.add(receipt)
        details = {"outcome": outcome.value, "department": receipt.department_id, "by": receipt.identified_by}
        store.record(
            db,
            "system",
            f"receipt.{outcome.value}",
            f"receipt:{receipt.id}",
            {"outcome": ReceiptOutcome.PENDING.value},
            details | ({"reason": reason} if reason else {}) | ({"version": version_id} if version_id else {}),
        )
    return Settled(outcome, tuple(r.id for r in receipts), version_id)


def file_rows(db: Session, kept: list[Kept]) -> list[int]:
    """Enter the documents of a delivery in the ledger (登记文件), whatever becomes of it; returns the ids of their rows.

    A delivery that is looked at again, because a person let it in, keeps the rows it has.
    """
    query = select(ReceivedFile).where(col(ReceivedFile.receipt_id).in_({k.receipt_id for k in kept}))
    there = list(db.exec(query.order_by(col(ReceivedFile.id))))
    numbers: dict[int, int] = {}
    for row in there:
        numbers[row.receipt_id] = max(row.number, numbers.get(row.receipt_id, 0))
    rows = []
    for one in kept:
        known = next((r for r in there if (r.receipt_id, r.sha256) == (one.receipt_id, one.sha256)), None)
        if known is not None:
            there.remove(known)
            rows.append(known)
        else:
            numbers[one.receipt_id] = numbers.get(one.receipt_id, 0) + 1
            number = numbers[one.receipt_id]
            row = ReceivedFile(
                receipt_id=one.receipt_id, number=number, name=one.name, sha256=one.sha256, size=one.size
            )
            db.add(row)
            rows.append(row)
    db.flush()
    return [row.id for row in rows]


def _material(
    db: Session, entered: answers.Entered, submission: Submission, kept: list[Kept], files: list[int]
) -> tuple[ReceiptOutcome, int]:
    cycle, on = entered.cycle, entered.on
    digest = digest_of(kept)
    query = select(SubmissionVersion).where(SubmissionVersion.submission_id == submission.id)
    versions = db.exec(query.order_by(col(SubmissionVersion.number))).all()
    same = next((v for v in versions if v.digest == digest), None)
    if same is not None:
        latest = versions[-1].number
        names = kept_names(kept)
        answers.duplicate(db, entered, names, same.received_on, version=same.number, latest_version=latest)
        return ReceiptOutcome.DUPLICATE, same.id
    if cycle.state is CycleState.DRAFTING:
        raise RefusedError("通知尚未印发，不接收自评材料")
    if cycle.state not in OPEN_FOR_MATERIAL:
        raise RefusedError("评分已开始，新的材料不再自动登记；请决定是否采用")
    following = _AFTER_ARRIVAL.get(submission.state, SubmissionState.RESUBMITTED)
    if following not in transitions.SUBMISSION[submission.state]:
        raise RefusedError(f"该部门的报送状态是“{submission.state.label}”，新的材料不再自动登记；请决定是否采用")
    version = SubmissionVersion(
        submission_id=submission.id,
        receipt_id=entered.receipt.id,
        number=len(versions) + 1,
        digest=digest,
        received_on=on,
        days_late=days_late(db, cycle, submission, on),
        files=files,
    )
    db.add(version)
    old = submission.state
    submission.state = transitions.require(transitions.SUBMISSION, old, following)
    db.add(submission)
    db.flush()
    store.record(
        db,
        "system",
        "submission.version",
        f"submission:{cycle.fiscal_year}/{entered.department.code}",
        {"state": old.value},
        {"state": submission.state.value, "version": version.number, "days_late": version.days_late, "digest": digest},
    )
    return ReceiptOutcome.SUBMISSION, version.id


def days_late(db: Session, cycle: Cycle, submission: Submission, on: date) -> int:
    """Working days after the deadline (逾期工作日数) that holds for this department, an extension included."""
    query = select(StageDate).where(StageDate.cycle_id == cycle.id, StageDate.stage == Stage.SUBMIT_BY)
    stage = db.exec(query).first()
    due = submission.extended_to or (stage.due_on if stage else None)
    return calendar.working_days_late(due, on) if due else 0


def _other(
    db: Session,
    entered: answers.Entered,
    submission: Submission,
    receipts: list[Receipt],
    kept: list[Kept],
    text: str,
) -> ReceiptOutcome:
    outcome = _OUTCOMES[entered.purpose]
    earlier = _same_before(db, receipts, entered.department, outcome, kept)
    if earlier is not None:
        answers.duplicate(db, entered, kept_names(kept), clock.local_date(earlier.received_at))
        return ReceiptOutcome.DUPLICATE
    if entered.purpose is Purpose.OBJECTION:
        db.add(
            Objection(
                submission_id=submission.id,
                receipt_id=entered.receipt.id,
                text=text or f"（正文为空，理由见附件：{'、'.join(kept_names(kept))}）",
                received_on=entered.on,
            )
        )
    return outcome


def _same_before(
    db: Session, receipts: list[Receipt], department: Department, outcome: ReceiptOutcome, kept: list[Kept]
) -> Receipt | None:
    """An earlier delivery of the same kind with exactly the same files (相同的来件)."""
    if not kept:
        return None
    query = select(Receipt).where(
        Receipt.cycle_id == receipts[0].cycle_id,
        Receipt.department_id == department.id,
        Receipt.outcome == outcome,
        col(Receipt.id).not_in([r.id for r in receipts]),
    )
    if outcome is ReceiptOutcome.REVIEW:
        # Two reviewers of one department: what one of them sent by mistake does not stand in the other's way.
        query = query.where(Receipt.sender == receipts[0].sender)
    wanted = sorted(k.sha256 for k in kept)
    for candidate in db.exec(query.order_by(col(Receipt.id))).all():
        found = db.exec(select(ReceivedFile.sha256).where(ReceivedFile.receipt_id == candidate.id)).all()
        if sorted(found) == wanted:
            return candidate
    return None


def kept_names(kept: list[Kept]) -> tuple[str, ...]:
    """The labels of files (文件名)."""
    return tuple(k.name for k in kept)
