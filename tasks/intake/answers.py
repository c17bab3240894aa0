"""Letters that intake itself writes (收件环节的答复): for duplicates, and for what a department can mend itself.

They go to the department's registered contact, never to the address a mail claims to come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, col, select

from models.records import Cycle, Department, Letter, Receipt, Review, Submission, SubmissionVersion
from models.states import LetterKind
from tasks import clock
from tasks.mail.compose import ComposeError, queue
from tasks.mail.contexts import CorrectionContext, DuplicateContext, Reason
from tasks.mail.token import Purpose

# Corrections that follow a reading are numbered by version; those that intake writes are numbered by receipt from here on.
CORRECTIONS_FROM = 1_000_000


def duplicate(
    db: Session,
    cycle: Cycle,
    department: Department,
    receipts: Sequence[Receipt],
    names: tuple[str, ...],
    on: date,
    same: SubmissionVersion,
) -> Letter | None:
    """Say that the material is already here (重复报送说明)."""
    context = DuplicateContext(
        received_on=on,
        first_received_on=same.received_on,
        version=same.number,
        files=names,
        what=Purpose.MATERIAL.label,
    )
    return _queue(db, cycle, LetterKind.DUPLICATE, receipts[0].id, department, context)


def repeated(
    db: Session,
    cycle: Cycle,
    department: Department,
    receipts: Sequence[Receipt],
    names: tuple[str, ...],
    on: date,
    earlier: Receipt,
    purpose: Purpose,
) -> Letter | None:
    """Say that a report, objection or review is already here (重复报送说明); a reviewer is answered, not the department."""
    first = clock.local_date(earlier.received_at)
    context = DuplicateContext(received_on=on, first_received_on=first, files=names, what=purpose.label)
    reviewer = _reviewer(db, cycle, department) if purpose is Purpose.REVIEW else None
    return _queue(
        db,
        cycle,
        LetterKind.DUPLICATE,
        receipts[0].id,
        department,
        context,
        to_name=reviewer.reviewer if reviewer else None,
        to_address=reviewer.reviewer_address if reviewer else None,
    )


def unusable(
    db: Session, cycle: Cycle, department: Department, receipts: Sequence[Receipt], on: date, reason: str, remedy: str
) -> Letter | None:
    """Say why a delivery could not be used and what to do (退回说明)."""
    context = CorrectionContext(
        received_on=on, reasons=(Reason(text=reason, remedy=remedy, group="收到的文件不能使用"),)
    )
    return _queue(db, cycle, LetterKind.CORRECTION, CORRECTIONS_FROM + receipts[0].id, department, context)


def _queue(
    db: Session,
    cycle: Cycle,
    kind: LetterKind,
    number: int,
    department: Department,
    context: DuplicateContext | CorrectionContext,
    to_name: str | None = None,
    to_address: str | None = None,
) -> Letter | None:
    try:
        return queue(
            db,
            cycle=cycle,
            kind=kind,
            number=number,
            department=department,
            context=context,
            to_name=to_name,
            to_address=to_address,
        )
    except ComposeError:
        # No usable address: the receipt itself is still entered and on the staff's list.
        return None


def _reviewer(db: Session, cycle: Cycle, department: Department) -> Review | None:
    query = (
        select(Review)
        .join(Submission, Review.submission_id == Submission.id)  # type: ignore[arg-type]
        .where(Submission.cycle_id == cycle.id, Submission.department_id == department.id)
    )
    return db.exec(query.order_by(col(Review.id).desc())).first()
