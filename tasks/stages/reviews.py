"""Recording reviews (登记复核结果): a returned workbook is checked cell by cell, then taken in or sent back."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, select

from models.records import Cycle, Department, DrawRecord, Receipt, ReceivedFile, Review, ReviewLine, Submission
from models.states import CycleState, LetterKind, ReceiptOutcome, Stage
from tasks import clock, filestore, lookup, store
from tasks.mail import compose
from tasks.mail.contexts import Reason, ReviewReturnedContext
from tasks.stages import reviewing
from tasks.writing.fingerprint import fingerprint_of, parsed_fingerprint
from tasks.writing.review_return import read_review_workbook

WHO = "系统"


def record(fiscal_year: int) -> list[dict[str, Any]]:
    """Take in every review workbook that came back and was not looked at (登记复核结果); a row for each."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        draw = lookup.draw_in_force(db, cycle)
        if draw is None or cycle.state is not CycleState.SPOT_CHECKING:
            return []
        waiting = db.exec(
            select(Receipt)
            .where(Receipt.cycle_id == cycle.id, Receipt.outcome == ReceiptOutcome.REVIEW)
            .where(col(Receipt.handled_at).is_(None))
            .order_by(col(Receipt.id))
        ).all()
        return [row for receipt in waiting if (row := _take(db, cycle, draw, receipt))]


def _take(db: Session, cycle: Cycle, draw: DrawRecord, receipt: Receipt) -> dict[str, Any] | None:
    department = db.get_one(Department, receipt.department_id)
    submission, _ = lookup.submission_of(db, cycle, department.code)
    review = db.exec(select(Review).where(Review.draw_id == draw.id, Review.submission_id == submission.id)).first()
    if review is None:
        return _settle(db, receipt, department, f"{department.name}不在抽查名单中，复核工作簿未采用。")
    content = _workbook(db, receipt)
    if review.workbook_sha256 is not None and content and filestore.digest_of(content) == review.workbook_sha256:
        return _settle(db, receipt, department, "与已登记的复核工作簿相同。")
    if review.recorded_at is not None:
        return _settle(db, receipt, department, "该部门的复核结果已登记，如需更改请走申诉或更正程序。")
    if content is None:
        problems: tuple[str, ...] = ("邮件中没有系统发出的复核工作簿，请填写后作为附件发回。",)
    else:
        view = reviewing.workbook_view(db, cycle, submission, department, draw.number)
        found = read_review_workbook(content, view)
        problems = tuple(found.problems)
        if not problems:
            _keep(db, cycle, department, submission, review, found.lines, content)
            return _settle(db, receipt, department, "已登记。")
    due = lookup.stage_dates(db, cycle)[Stage.REVIEW_BY].due_on
    compose.queue(
        db,
        cycle=cycle,
        kind=LetterKind.REVIEW_RETURNED,
        number=receipt.id,
        department=department,
        to_name=review.reviewer,
        to_address=review.reviewer_address,
        context=ReviewReturnedContext(
            received_on=clock.local_date(receipt.received_at),
            problems=tuple(Reason(text=p) for p in problems),
            review_by=due,
        ),
    )
    return _settle(db, receipt, department, f"有{len(problems)}处问题，已退回复核人员。")


def _workbook(db: Session, receipt: Receipt) -> bytes | None:
    """The review workbook among a receipt's files, told by its fingerprint."""
    files = db.exec(
        select(ReceivedFile).where(ReceivedFile.receipt_id == receipt.id).order_by(col(ReceivedFile.number))
    )
    for file in files:
        content = filestore.content_of(file.sha256)
        mark = parsed_fingerprint(fingerprint_of(content) or "")
        if mark is not None and mark.kind == "review":
            return content
    return None


def _keep(
    db: Session,
    cycle: Cycle,
    department: Department,
    submission: Submission,
    review: Review,
    lines: dict[str, Any],
    content: bytes,
) -> None:
    review.workbook_sha256 = filestore.keep(content)
    review.recorded_at = clock.now()
    db.add(review)
    for rule, (score, reason, criterion) in lines.items():
        db.add(ReviewLine(review_id=review.id, rule=rule, score=score, reason=reason, criterion=criterion))
    new = {rule: str(score) for rule, (score, _, _) in lines.items()}
    store.record(db, review.reviewer, "review.recorded", f"{cycle.fiscal_year}/{department.code}", None, new)


def _settle(db: Session, receipt: Receipt, department: Department, sentence: str) -> dict[str, Any]:
    receipt.reason, receipt.handled_at = sentence, clock.now()
    db.add(receipt)
    return {"代码": department.code, "部门": department.name, "寄件人": receipt.sender, "结果": sentence}
