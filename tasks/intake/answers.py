"""Letters that intake itself writes (收件环节的答复): for duplicates, and for what a department can mend itself.

They go to the department's registered contact, never to the address a mail claims to come from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from models.records import Cycle, Department, Letter, Receipt, Review, Submission
from models.states import LetterKind
from tasks import clock, store
from tasks.intake import limits
from tasks.mail.compose import ComposeError, queue
from tasks.mail.contexts import CorrectionContext, DuplicateContext, Reason
from tasks.mail.token import Purpose

# Corrections that follow a reading are numbered by version; those that intake writes are numbered by receipt from here on.
CORRECTIONS_FROM = 1_000_000


@dataclass(frozen=True)
class Entered:
    """Whose delivery is answered (被答复的来件): its receipt, the day it arrived and what it is."""

    cycle: Cycle
    department: Department
    receipt: Receipt
    on: date
    purpose: Purpose


def duplicate(
    db: Session,
    entered: Entered,
    names: tuple[str, ...],
    first_received_on: date,
    *,
    version: int | None = None,
    latest_version: int | None = None,
) -> Letter | None:
    """Say that the same files are already here (重复报送说明)."""
    context = DuplicateContext(
        received_on=entered.on,
        first_received_on=first_received_on,
        version=version,
        latest_version=latest_version,
        files=names,
        purpose=entered.purpose,
    )
    return _queue(db, entered, LetterKind.DUPLICATE, entered.receipt.id, context)


def unusable(db: Session, entered: Entered, reason: str, remedy: str) -> Letter | None:
    """Say why a delivery could not be used and what to do (退回说明)."""
    told = Reason(text=reason, remedy=remedy, group="收到的文件不能使用")
    context = CorrectionContext(received_on=entered.on, reasons=(told,), purpose=entered.purpose)
    return _queue(db, entered, LetterKind.CORRECTION, CORRECTIONS_FROM + entered.receipt.id, context)


def _queue(
    db: Session, entered: Entered, kind: LetterKind, number: int, context: DuplicateContext | CorrectionContext
) -> Letter | None:
    if _answered_today(db, entered) >= limits.current().answers_per_day:
        details = {"kind": kind.value, "department": entered.department.code}
        store.record(db, "system", "receipt.not_answered", f"receipt:{entered.receipt.id}", None, details)
        return None
    reviewer = _reviewer(db, entered) if entered.purpose is Purpose.REVIEW else None
    try:
        return queue(
            db,
            cycle=entered.cycle,
            kind=kind,
            number=number,
            department=entered.department,
            context=context,
            to_name=reviewer.reviewer if reviewer else None,
            to_address=reviewer.reviewer_address if reviewer else None,
        )
    except ComposeError:
        # No usable address: the receipt itself is still entered and on the staff's list.
        return None


def _answered_today(db: Session, entered: Entered) -> int:
    """How many deliveries of a department were answered by intake today (当日已答复数)."""
    query = select(Letter.composed_at).where(
        Letter.cycle_id == entered.cycle.id,
        Letter.department_id == entered.department.id,
        or_(
            col(Letter.kind) == LetterKind.DUPLICATE,
            and_(col(Letter.kind) == LetterKind.CORRECTION, col(Letter.number) >= CORRECTIONS_FROM),
        ),
    )
    return sum(clock.local_date(at) == clock.today() for at in db.exec(query))


def _reviewer(db: Session, entered: Entered) -> Review | None:
    """Whom to answer about a review (复核人): the one who wrote, else the latest one for the department."""
    query = (
        select(Review)
        .join(Submission, Review.submission_id == Submission.id)  # type: ignore[arg-type]
        .where(Submission.cycle_id == entered.cycle.id, Submission.department_id == entered.department.id)
    )
    found = db.exec(query.order_by(col(Review.id).desc())).all()
    wrote = [r for r in found if r.reviewer_address.strip().lower() == entered.receipt.sender]
    return next(iter([*wrote, *found]), None)
